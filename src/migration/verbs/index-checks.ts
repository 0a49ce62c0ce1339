import type { IndexDefinition } from './index-definition';
import { checkCollation } from './collation';

const maxFields = 32;
/** The largest expiry that the server takes, in seconds: it stands for "never". */
const maxTtl = 2_147_483_647;
/** JavaScript moves such names to the front of an object, so the order of a key would not be the one that is written. */
const integerLike = /^(?:0|[1-9]\d*)$/;

/** @throws Error with every problem of a definition. */
export function checkIndex(collection: string, definition: IndexDefinition): void {
  const whose = `The index ${collection}.${definition.name || '(no name)'}`;
  const problems = [...problemsOf(definition)];
  if (problems.length > 0) throw new Error(`${whose} ${problems.join('; and it ')}.`);
  if (definition.collation) checkCollation(definition.collation, whose);
  if (definition.expireAfterSeconds !== undefined) checkTtl(whose, definition.expireAfterSeconds);
}

function* problemsOf({ name, key, serves, ...options }: IndexDefinition): Generator<string> {
  const fields = Object.keys(key);
  const isText = Object.values(key).includes('text');
  const isWildcard = fields.some((field) => field === '$**' || field.endsWith('.$**'));
  if (name === '') yield 'needs a name: the one MongoDB would give it';
  if (name === '_id_' || (key['_id'] !== undefined && key['_id'] !== 'hashed' && fields.length === 1))
    yield 'is the one on _id, which every collection has already';
  if (serves.trim() === '') yield 'needs `serves`: the query that it is there for';
  if (fields.length === 0) yield 'has an empty key';
  if (fields.length > maxFields) yield `has ${fields.length} fields, and ${maxFields} are the most`;
  const reordered = fields.filter((field) => integerLike.test(field));
  if (reordered.length > 0)
    yield `has a field named ${reordered.join(', ')}, which JavaScript would move to the front of the key`;
  if (options.sparse && options.partialFilterExpression)
    yield 'is both sparse and partial: keep the partial filter alone';
  if (options.weights && !isText) yield 'has weights and no text field';
  const isHashed = Object.values(key).includes('hashed');
  if (options.unique && (isText || isWildcard || isHashed))
    yield 'is unique, which text, wildcard and hashed indexes cannot be';
  if (options.sparse && isWildcard) yield 'is sparse, which a wildcard index is by itself';
  if (options.expireAfterSeconds === undefined) return;
  if (fields.length > 1) yield 'has a TTL and more than one field, so the server would never delete by it';
  // A TTL on a wildcard index ends mongod 7.0 with a fatal assertion.
  if (isText || isWildcard) yield 'has a TTL, which text and wildcard indexes cannot have';
}

/** @throws Error for seconds that are not a whole number from 0 to 2147483647. */
export function checkTtl(whose: string, seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= maxTtl) return;
  throw new Error(`${whose} would expire after ${seconds} seconds; a TTL is a whole number from 0 to ${maxTtl}.`);
}
