import { relaxed, type Validator } from '../../schema';
import { code } from './text';
import { isOneNode, rulesOf, typeOf, type SchemaNode } from './rules';

/** A field that a validator knows. */
export interface Field {
  /** `config.sources`; `aspects[].name` in the documents of a list. */
  readonly path: string;
  readonly type: string;
  /** Whether it has to be there, where the object around it is there. */
  readonly required: boolean;
  readonly rules: readonly string[];
  /** What the validator says of it to people. */
  readonly description?: string;
  /** The values that it may have, when they are counted up. */
  readonly values?: readonly unknown[];
}

/** The fields that a collection's $jsonSchema describes, each before the ones in it; none without a $jsonSchema. */
export function fieldsOf(validator: Validator | undefined): Field[] {
  const schema = validator && (relaxed(validator.validator)['$jsonSchema'] as SchemaNode | undefined);
  return schema ? fieldsIn(schema, '') : [];
}

function fieldsIn({ properties = {}, required = [] }: SchemaNode, prefix: string): Field[] {
  const unnamed = required.filter((name) => !Object.hasOwn(properties, name));
  const named = Object.entries(properties).flatMap(([name, node]) => [
    fieldOf(node, prefix + name, required.includes(name)),
    ...fieldsBelow(node, prefix + name),
  ]);
  return [...named, ...unnamed.map((name) => fieldOf({}, prefix + name, true))];
}

function fieldOf(node: SchemaNode, path: string, required: boolean): Field {
  const { description, items } = node;
  const each = items && isOneNode(items) ? rulesOf(items).map((rule) => `each ${rule}`) : [];
  const tuple = items && !isOneNode(items) ? [`items ${code(items)}`] : [];
  const values = node.enum ?? (items && isOneNode(items) ? items.enum : undefined);
  return {
    path,
    type: typeOf(node),
    required,
    rules: [...rulesOf(node), ...each, ...tuple],
    ...(description !== undefined && { description }),
    ...(values && { values }),
  };
}

function fieldsBelow(node: SchemaNode, path: string): Field[] {
  const { items } = node;
  return [...fieldsIn(node, `${path}.`), ...(items && isOneNode(items) ? fieldsBelow(items, `${path}[]`) : [])];
}

/** What a validator asks for beside the fields of its $jsonSchema; undefined when nothing. */
export function otherChecks(validator: Validator | undefined): string | undefined {
  if (!validator) return undefined;
  const { $jsonSchema, ...others } = relaxed(validator.validator);
  const { bsonType: _bsonType, ...root } = ($jsonSchema ?? {}) as SchemaNode;
  const rules = rulesOf(root);
  const rest = Object.keys(others).length > 0 ? [code(others)] : [];
  return rules.length + rest.length > 0 ? [...rules, ...rest].join('; ') : undefined;
}
