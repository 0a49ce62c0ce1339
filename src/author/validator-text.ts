import { changeValidator, type SchemaStep } from '../migration';
import { find, isPlainObject, type PlainObject, type Schema, type Validator } from '../schema';
import { literal, propertyName } from '../review/lint/literal';
import { SchemaError } from '../support/schema-error';
import { isLiteral } from './is-literal';

/** A change of the schema of one object inside a document. */
export interface ObjectEdit {
  /** The names on the path to the object; empty for the document itself. */
  readonly path: readonly string[];
  readonly edit: (schema: PlainObject) => PlainObject;
  /** Returns the changed properties as source code. `was` is the source code of the old schema of the object. */
  readonly text: (was: string) => string;
}

/** A change of a validator as source code: the old validator in full, and the new validator as differences from the old one. */
export interface ValidatorChange {
  readonly head: string;
  readonly step: string;
  readonly made: SchemaStep;
}

/** The name of the constant that holds the old `$jsonSchema`. */
export const oldSchema = 'before';

/** @throws error with code `USAGE` when the collection has no validator that lists fields. */
export function validatorOf(option: string, schema: Schema, collection: string): PlainObject {
  const jsonSchema = find(schema, 'validator', { collection })?.validator['$jsonSchema'];
  if (isPlainObject(jsonSchema) && isLiteral(jsonSchema)) return jsonSchema;
  throw new SchemaError('USAGE', `${collection} has no validator that ${option} could change, so nothing was written`, {
    why: 'this option needs a validator with a $jsonSchema that can be written as literals',
    fix: 'write the migration by hand: `new NAME` makes its file',
  });
}

/** Returns the schema of the object at a path; undefined when the validator lists no such object. */
export function objectAt(jsonSchema: PlainObject, path: readonly string[]): PlainObject | undefined {
  let found: PlainObject | undefined = jsonSchema;
  for (const name of path) found = propertyIn(found, name);
  return found;
}

export function propertyIn(jsonSchema: PlainObject | undefined, name: string): PlainObject | undefined {
  const { properties } = jsonSchema ?? {};
  const found = isPlainObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isPlainObject(found) ? found : undefined;
}

/** Returns the source code that reads a property of an expression. */
export function access(expression: string, name: string): string {
  const written = propertyName(name);
  return written === name ? `${expression}.${name}` : `${expression}[${written}]`;
}

export function changeOfValidator(
  collection: string,
  whole: Validator,
  { path, edit, text }: ObjectEdit,
): ValidatorChange {
  const { validator, ...given } = whole;
  const settings = { validationLevel: 'strict', validationAction: 'error', ...given } as const;
  const { $jsonSchema, ...conditions } = validator;
  const jsonSchema = $jsonSchema as PlainObject;
  const edited = (schema: PlainObject, [name, ...rest]: readonly string[]): PlainObject => {
    if (name === undefined) return edit(schema);
    const properties = schema['properties'] as PlainObject;
    return { ...schema, properties: { ...properties, [name]: edited(properties[name] as PlainObject, rest) } };
  };
  const written = (was: string, [name, ...rest]: readonly string[]): string => {
    if (name === undefined) return `{ ...${was}, ${text(was)} }`;
    const inner = written(access(`${was}.properties`, name), rest);
    return `{ ...${was}, properties: { ...${was}.properties, ${propertyName(name)}: ${inner} } }`;
  };
  const sideText = (one: string) =>
    `{ validator: { $jsonSchema: ${one}${Object.entries(conditions)
      .map(([name, value]) => `, ${propertyName(name)}: ${literal(value)}`)
      .join('')} }, ...settings }`;
  return {
    head: `const settings = ${literal(settings)} as const;\nconst ${oldSchema} = ${literal(jsonSchema)};`,
    step: `changeValidator(${literal(collection)}, { from: ${sideText(oldSchema)}, to: ${sideText(written(oldSchema, path))} })`,
    made: changeValidator(collection, {
      from: { validator, ...settings },
      to: { validator: { ...conditions, $jsonSchema: edited(jsonSchema, path) }, ...settings },
    }),
  };
}
