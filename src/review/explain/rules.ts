import { code, compact, count } from './text';

/** A part of a $jsonSchema: the rules for one value. */
export interface SchemaNode {
  readonly bsonType?: string | readonly string[];
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode | readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

/** Keywords that are shown elsewhere: in a field's type, in the rows of its inner fields, or next to its rules. */
const toldElsewhere = new Set(['bsonType', 'type', 'properties', 'required', 'items', 'enum', 'description', 'title']);

/** Pairs of keywords that are shown as one rule. */
const ranges = [
  { low: 'minimum', high: 'maximum', noun: undefined },
  { low: 'minLength', high: 'maxLength', noun: 'character' },
  { low: 'minItems', high: 'maxItems', noun: 'item' },
  { low: 'minProperties', high: 'maxProperties', noun: 'field' },
] as const;
const exclusive = new Set(['exclusiveMinimum', 'exclusiveMaximum']);

/** Returns the rules of a value besides its type, each in a few words. */
export function rulesOf(node: SchemaNode): string[] {
  const rules = [
    ...(node.enum ? [`one of ${node.enum.map((value) => code(value)).join(', ')}`] : []),
    ...ranges.flatMap((range) => rangeRule(node, range)),
  ];
  const inRanges = new Set<string>(ranges.flatMap(({ low, high }) => [low, high]));
  for (const [keyword, value] of Object.entries(node).sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (toldElsewhere.has(keyword) || inRanges.has(keyword) || exclusive.has(keyword)) continue;
    rules.push(otherRule(keyword, value));
  }
  return rules.filter((rule) => rule !== '');
}

function rangeRule(node: SchemaNode, { low, high, noun }: (typeof ranges)[number]): string[] {
  const [min, max] = [node[low], node[high]] as [number | undefined, number | undefined];
  const over = node['exclusiveMinimum'] === true && low === 'minimum';
  const under = node['exclusiveMaximum'] === true && high === 'maximum';
  const of = (number: number) => (noun ? count(number, noun) : String(number));
  if (min !== undefined && max !== undefined && !over && !under) {
    return [min === max ? `exactly ${of(min)}` : noun ? `${min} to ${of(max)}` : `from ${min} to ${max}`];
  }
  return [
    ...(min === undefined ? [] : [`${over ? 'more than' : 'at least'} ${of(min)}`]),
    ...(max === undefined ? [] : [`${under ? 'less than' : 'at most'} ${of(max)}`]),
  ];
}

function otherRule(keyword: string, value: unknown): string {
  switch (keyword) {
    case 'pattern':
      return `matches ${code(value)}`;
    case 'multipleOf':
      return value === 1 ? 'whole' : `a multiple of ${String(value)}`;
    case 'uniqueItems':
      return value === true ? 'all different' : '';
    case 'additionalProperties':
      return value === true ? '' : value === false ? 'no other fields' : `other fields: ${code(value)}`;
    case 'not': {
      const { bsonType, ...others } = value as SchemaNode;
      return bsonType && Object.keys(others).length === 0 ? `no ${listed(bsonType)}` : `not ${code(value)}`;
    }
    default:
      return `${keyword} ${code(value)}`;
  }
}

/** Returns the type of a value: `string`, `string or null`, `array of objectId`. */
export function typeOf(node: SchemaNode): string {
  const own = node.bsonType ?? node.type;
  if (own === undefined) return 'any';
  const { items } = node;
  if (items === undefined || !isOneNode(items)) return listed(own);
  return listed(own).replace(/\barray\b/, `array of ${typeOf(items)}`);
}

export function isOneNode(items: SchemaNode | readonly SchemaNode[]): items is SchemaNode {
  return !Array.isArray(items);
}

function listed(types: string | readonly string[]): string {
  return typeof types === 'string' ? types : types.length > 0 ? types.join(' or ') : compact(types);
}
