import { UnknownConstruct } from '../export/read-value';
import { isAnyObject, type NumberShape, type ObjectShape, type TypeShape, type ValueShape } from '../export/shapes';

/** Writes the class of an object with fields, and returns its name. */
export type WriteClass = (shape: ObjectShape) => string;

/** Returns the Python type of a value, with its rules. */
export function pythonType({ place, types }: ValueShape, writeClass: WriteClass): string {
  if (types === 'any') return 'Any';
  return types.map((type) => typeText(place, type, writeClass)).join(' | ');
}

function typeText(place: string, shape: TypeShape, writeClass: WriteClass): string {
  switch (shape.type) {
    case 'objectId':
      return '_v.Id';
    case 'date':
      return '_v.Date';
    case 'bool':
      return '_v.Bool';
    case 'null':
      return 'None';
    case 'string': {
      const { choices, minLength, maxLength, pattern } = shape;
      if (choices) return `Annotated[Literal[${choices.map(literal).join(', ')}], _v.Choice()]`;
      const rules = {
        min_length: minLength,
        max_length: maxLength,
        pattern: pattern && literal(pattern.python),
      };
      return `Annotated[str, _v.Text(${argumentsOf(rules)})]`;
    }
    case 'number':
    case 'int':
    case 'long':
    case 'double':
      return numberText(place, shape);
    case 'array': {
      const { items, minItems, maxItems, isUnique } = shape;
      const rules = { min_items: minItems, max_items: maxItems, unique: isUnique ? 'True' : undefined };
      return `Annotated[list[${pythonType(items, writeClass)}], _v.Items(${argumentsOf(rules)})]`;
    }
    case 'object':
      return isAnyObject(shape) ? '_v.AnyObject' : writeClass(shape);
  }
}

function numberText(place: string, { type, isWhole, isWithoutDecimals, minimum, maximum }: NumberShape): string {
  if (type === 'number' && !isWithoutDecimals)
    throw new UnknownConstruct(place, 'not', "it must be { bsonType: 'decimal' }, which has no type in Python");
  // If one of the two bounds is missing, mongod accepts NaN or infinity.
  const areBoundsNeeded = type === 'number' || type === 'double';
  for (const [keyword, bound] of Object.entries({ minimum, maximum })) {
    if (areBoundsNeeded && bound === undefined)
      throw new UnknownConstruct(place, keyword, 'a number needs both bounds: otherwise NaN or infinity is accepted');
  }
  const rule = { number: isWhole ? 'Whole' : 'Number', int: 'Int', long: 'Long', double: 'Double' }[type];
  return `Annotated[${isWhole ? 'int' : 'float'}, _v.${rule}(${argumentsOf({ ge: minimum, le: maximum })})]`;
}

function argumentsOf(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(', ');
}

/** Returns a Python string literal. It is written as JSON, because JSON's escapes are valid in Python. */
export function literal(text: string): string {
  return JSON.stringify(text);
}
