import { relaxed, type Validator } from '../../schema';
import { code } from './text';
import { isOneNode, rulesOf, typeOf, type SchemaNode } from './rules';

/** A field in a validator. */
export interface Field {
  /** The path: `config.sources`, or `aspects[].name` in documents of a list. */
  readonly path: string;
  readonly type: string;
  /** Whether the field is required when its enclosing object exists. */
  readonly required: boolean;
  readonly rules: readonly string[];
  /** The description in the validator. */
  readonly description?: string;
  /** The allowed values, if they are listed. */
  readonly values?: readonly unknown[];
}

/** Returns the fields in a collection's $jsonSchema. Each field comes before the fields inside it. Empty if there is no $jsonSchema. */
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

/** Returns the conditions of a validator besides its $jsonSchema; undefined when there are none. */
export function otherChecks(validator: Validator | undefined): string | undefined {
  if (!validator) return undefined;
  const { $jsonSchema, ...others } = relaxed(validator.validator);
  const { bsonType: _bsonType, ...root } = ($jsonSchema ?? {}) as SchemaNode;
  const rules = rulesOf(root);
  const rest = Object.keys(others).length > 0 ? [code(others)] : [];
  return rules.length + rest.length > 0 ? [...rules, ...rest].join('; ') : undefined;
}
