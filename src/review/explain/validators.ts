import { actionOf, canonical, equal, levelOf, type Validator } from '../../schema';
import { fieldsOf, otherChecks, type Field } from './fields';
import { code, compact, count, shorten } from './text';

/** Describes the rules of a validator in one line. */
export function describeValidator(validator: Validator): string {
  const fields = fieldsOf(validator);
  const required = fields.filter((field) => field.required && !/[.[]/.test(field.path)).map(({ path }) => code(path));
  const checks = otherChecks(validator);
  return [
    count(fields.length, 'field'),
    ...(required.length > 0 ? [`required ${required.join(', ')}`] : []),
    ...(checks === undefined ? [] : [checks]),
    `${levelOf(validator)}, ${actionOf(validator)}`,
  ].join('; ');
}

/** Describes the differences between two validators, field by field, from the first to the second. */
export function describeValidatorChange(from: Validator, to: Validator): string[] {
  return [
    ...describeExpressionChange(from, to),
    ...arrow('level', levelOf(from), levelOf(to)),
    ...arrow('action', actionOf(from), actionOf(to)),
  ];
}

/** Describes only the differences between the conditions of two validators, without level and action. */
export function describeExpressionChange(from: Validator, to: Validator): string[] {
  const [before, after] = [fieldsByPath(from), fieldsByPath(to)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const lines = [
    ...paths.flatMap((path) => describeField(path, before.get(path), after.get(path))),
    ...arrow('beside the fields', checksOf(from), checksOf(to)),
  ];
  const isEqual = equal('validator', { validator: from.validator }, { validator: to.validator });
  return lines.length > 0 || isEqual
    ? lines
    : [`the expression: ${shorten(compact(from.validator))} → ${shorten(compact(to.validator))}`];
}

/** Returns the fields by path, in canonical order: a server, a file and a migration may list the same fields in different orders. */
function fieldsByPath(validator: Validator): Map<string, Field> {
  return new Map(fieldsOf(canonical('validator', validator)).map((field) => [field.path, field]));
}

function checksOf(validator: Validator): string {
  return otherChecks(canonical('validator', validator)) ?? 'nothing';
}

function describeField(path: string, from: Field | undefined, to: Field | undefined): string[] {
  if (!to) return [`${code(path)}: no longer checked`];
  if (!from) {
    const parts = [to.type, to.required ? 'required' : 'optional', ...to.rules];
    return [`${code(path)}: new, ${parts.join(', ')}`];
  }
  const lines = [
    ...arrow('', from.type, to.type),
    ...arrow('', necessity(from), necessity(to)),
    ...describeRules(from, to),
    ...arrow('description', from.description ?? 'none', to.description ?? 'none'),
  ];
  return lines.map((line) => `${code(path)}: ${line}`);
}

function necessity({ required }: Field): string {
  return required ? 'required' : 'optional';
}

/** Describes the differences in the rules of a field. A list of allowed values may be long, so only added and removed values are shown. */
function describeRules(from: Field, to: Field): string[] {
  const [before, after] = [from.values, to.values].map((values) => values?.map((value) => code(value)));
  const isList = (rule: string) => /^(each )?one of /.test(rule);
  if (!before || !after) return arrow('', ruleText(from.rules), ruleText(to.rules));
  const [came, went] = [
    after.filter((value) => !before.includes(value)),
    before.filter((value) => !after.includes(value)),
  ];
  const others = (field: Field) => ruleText(field.rules.filter((rule) => !isList(rule)));
  return [
    ...(came.length > 0 ? [`now also ${came.join(', ')}`] : []),
    ...(went.length > 0 ? [`no longer ${went.join(', ')}`] : []),
    ...arrow('', others(from), others(to)),
  ];
}

function ruleText(rules: readonly string[]): string {
  return rules.length > 0 ? [...rules].sort().join(', ') : 'no rule';
}

function arrow(label: string, from: string, to: string): string[] {
  return from === to ? [] : [`${label === '' ? '' : `${label} `}${from} → ${to}`];
}
