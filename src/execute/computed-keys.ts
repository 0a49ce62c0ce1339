import { Binary, type Document } from 'mongodb';

/**
 * Aggregation expressions for the keys that an index has for a document. The expressions follow the server's rules for the keys of an
 * index. An array gives a key for each element, and only one path may contain an array. A number in a path is a position in an array. An
 * array within an array is a single value.
 * @see https://www.mongodb.com/docs/v7.0/core/indexes/index-types/index-multikey/
 */
export interface KeysOf {
  /** A list of keys. Each key is a list of values. */
  readonly keys: Document;
  /** Why the server refuses to index the document: a {@link KeyProblem}, or null. */
  readonly problem: Document;
  /** Whether there may be several keys, because a path contains an array. */
  readonly hasArrays: Document;
}

/** What the server refuses: arrays in two paths, or a number in a path that is both a position and a field name. */
export type KeyProblem = 'parallel arrays' | 'ambiguous position';

/** Marker values that no document contains: one is the key of an empty array, the other marks a missing field, which differs from null. */
const emptyArray = {
  $literal: new Binary(Buffer.from('an empty array, as an index has it'), Binary.SUBTYPE_USER_DEFINED),
};
const missing = {
  $literal: new Binary(Buffer.from('a missing field, as an index has it'), Binary.SUBTYPE_USER_DEFINED),
};

export type Expression = Document | string | readonly unknown[] | null | boolean | number;

/** The paths of an index as a tree. `a.b` and `a.c` share the node `a`, so both are read from the same array element. */
interface Node {
  isPath: boolean;
  readonly children: Map<string, Node>;
}

/**
 * Returns the keys that an index on these paths has for a document. A sparse index has no key for a document that lacks all these fields.
 */
export function keysOf(paths: readonly string[], { sparse = false }: { sparse?: boolean | undefined } = {}): KeysOf {
  const root: Node = { isPath: false, children: new Map() };
  for (const path of paths) addPath(root, path.split('.'));
  const builder = new Builder(sparse);
  const whole = builder.value(root, '$$ROOT');
  const arrays = paths.map((path) => (path.includes('$') ? true : { $isArray: `$${path}` }));
  const values = paths.map((path) => (path.includes('$') ? null : leaf(`$${path}`, sparse)));
  const hasArrays = { $or: arrays };
  const all = {
    $cond: [
      hasArrays,
      { $setUnion: [{ $getField: { field: 'k', input: whole } }, []] },
      [inOrder(root, paths, values)],
    ],
  };
  const withField = { $filter: { input: all, as: 'key', cond: { $ne: [{ $setUnion: ['$$key', []] }, [missing]] } } };
  const keys = sparse ? { $map: { input: withField, as: 'key', in: missingAsNull('$$key') } } : all;
  return {
    keys,
    problem: { $cond: [hasArrays, { $getField: { field: 'p', input: whole } }, null] },
    hasArrays,
  };
}

function addPath(node: Node, [name, ...others]: readonly string[]): void {
  if (name === undefined) {
    node.isPath = true;
    return;
  }
  const child = node.children.get(name) ?? { isPath: false, children: new Map<string, Node>() };
  node.children.set(name, child);
  addPath(child, others);
}

/** Takes the values in the order of the paths, and returns them in the order of the tree. */
function inOrder(root: Node, paths: readonly string[], values: readonly Expression[]): Expression[] {
  const order: string[] = [];
  const walk = (node: Node, path: readonly string[]) => {
    if (node.isPath) order.push(path.join('.'));
    for (const [name, child] of node.children) walk(child, [...path, name]);
  };
  walk(root, []);
  return order.map((path) => values[paths.indexOf(path)] ?? null);
}

function leaf(value: Expression, sparse: boolean): Expression {
  const absent = sparse ? { $cond: [{ $eq: [{ $type: value }, 'missing'] }, missing, null] } : null;
  return { $ifNull: [value, absent] };
}

function missingAsNull(key: string): Document {
  return { $map: { input: key, as: 'value', in: { $cond: [{ $eq: ['$$value', missing] }, null, '$$value'] } } };
}

const position = /^(?:0|[1-9]\d*)$/;

/** Builds the expression. The size of the expression grows with the number of names in the paths, not with the depth of the document. */
class Builder {
  #variables = 0;

  constructor(private readonly sparse: boolean) {}

  /**
   * Returns `{ k: keys, a: whether there was an array, p: problem }` for a value. A value that is not an array is treated as an array with
   * this one element. An array that is an element of another array is treated as a single value.
   */
  value(node: Node, value: Expression, isWhole?: Expression): Document {
    return this.#bind(value, (bound) =>
      this.#bind({ $isArray: [bound] }, (isArray) => {
        const element = this.#name();
        const children = [...node.children].map(([name, child]) =>
          this.#child(child, name, `$$${element}`, { bound, isArray }),
        );
        const isElement = isWhole === undefined ? isArray : { $and: [isArray, { $not: [isWhole] }] };
        const own = node.isPath ? { $cond: [isElement, `$$${element}`, leaf(bound, this.sparse)] } : undefined;
        const each = {
          $map: { input: { $cond: [isArray, bound, [bound]] }, as: element, in: this.#combine(own, children) },
        };
        return this.#bind(each, (all) => ({
          $cond: [isArray, this.#ofArray(node, bound, all, isWhole), { $arrayElemAt: [all, 0] }],
        }));
      }),
    );
  }

  #ofArray(node: Node, array: string, all: string, isWhole: Expression | undefined): Document {
    const below = [...node.children.values()].flatMap((child) => this.#missingBelow(child));
    const own = isWhole === undefined ? emptyArray : { $cond: [isWhole, array, emptyArray] };
    return {
      $cond: [
        { $eq: [array, []] },
        { k: [node.isPath ? [own, ...below] : below], a: true, p: null },
        {
          k: { $reduce: { input: `${all}.k`, initialValue: [], in: { $concatArrays: ['$$value', '$$this'] } } },
          a: true,
          p: { $max: `${all}.p` },
        },
      ],
    };
  }

  /**
   * Returns the same as `value`, for a field of an array element. Only documents have fields, so an element that is itself an array has no
   * fields.
   */
  #child(child: Node, name: string, element: string, { bound, isArray }: { bound: string; isArray: string }): Document {
    const field = fieldOf(element, name);
    if (!position.test(name)) return this.value(child, field);
    const at = Number(name);
    const isThere = { $cond: [isArray, { $gt: [{ $size: { $cond: [isArray, bound, []] } }, at] }, false] };
    return this.#bind(isThere, (isPosition) => {
      const value = { $cond: [isPosition, { $arrayElemAt: [{ $cond: [isArray, bound, []] }, at] }, field] };
      const isAmbiguous = { $and: [isPosition, { $ne: [{ $type: field }, 'missing'] }] };
      const ambiguous = { k: [], a: false, p: 'ambiguous position' satisfies KeyProblem };
      return { $cond: [isAmbiguous, ambiguous, this.value(child, value, isPosition)] };
    });
  }

  #missingBelow(node: Node): Expression[] {
    const below = [...node.children.values()].flatMap((child) => this.#missingBelow(child));
    return node.isPath ? [this.sparse ? missing : null, ...below] : below;
  }

  /** Combines the keys of an element and of its fields. Only one of these parts may contain an array. */
  #combine(own: Expression | undefined, children: readonly Document[]): Document {
    const first: Expression = own === undefined ? [[]] : [[own]];
    if (children.length === 0) return { k: first, a: false, p: null };
    const vars = Object.fromEntries(children.map((child) => [this.#name(), child]));
    const parts = Object.keys(vars).map((name) => `$$${name}`);
    const [one = '', ...others] = parts.map((part) => `${part}.k`);
    const start = own === undefined ? one : product(first, one);
    const arrays = { $sum: parts.map((part) => ({ $cond: [`${part}.a`, 1, 0] })) };
    const problem = { $max: parts.map((part) => `${part}.p`) };
    return {
      $let: {
        vars,
        in: {
          k: others.reduce<Expression>(product, start),
          a: { $or: parts.map((part) => `${part}.a`) },
          p:
            others.length === 0
              ? problem
              : { $cond: [{ $gt: [arrays, 1] }, 'parallel arrays' satisfies KeyProblem, problem] },
        },
      },
    };
  }

  #bind(value: Expression, within: (bound: string) => Expression): Document {
    const name = this.#name();
    return { $let: { vars: { [name]: value }, in: within(`$$${name}`) } };
  }

  #name(): string {
    this.#variables += 1;
    return `v${this.#variables}`;
  }
}

/**
 * Returns a field of a document. For a value that is not a document, returns a missing value. Plain field access on an array would return
 * the fields of its elements.
 */
export function fieldOf(value: Expression, name: string): Document {
  return {
    $cond: [
      { $eq: [{ $type: value }, 'object'] },
      { $getField: { field: { $literal: name }, input: value } },
      '$$REMOVE',
    ],
  };
}

/** Returns the elements of an array, or the values of an object. For any other value, returns an empty list. */
export function partsOf(value: string): Document {
  return {
    $switch: {
      branches: [
        { case: { $isArray: [value] }, then: value },
        {
          case: { $eq: [{ $type: value }, 'object'] },
          then: { $map: { input: { $objectToArray: value }, as: 'field', in: '$$field.v' } },
        },
      ],
      default: [],
    },
  };
}

function product(some: Expression, others: Expression): Expression {
  const all = {
    $map: {
      input: some,
      as: 'one',
      in: { $map: { input: others, as: 'other', in: { $concatArrays: ['$$one', '$$other'] } } },
    },
  };
  return { $reduce: { input: all, initialValue: [], in: { $concatArrays: ['$$value', '$$this'] } } };
}
