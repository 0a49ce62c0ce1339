import type { KnownQuery } from '../../src/indexes';
import { averageSize, type Distribution, type Growth } from './arrivals';
import { rangeMiB } from './cluster';
import { grouped, markdownTable, percent } from './markdown';
import { allowsUnique, fieldsLeft, goesToOneShard, supportingIndex, textOf, type Index } from './shard-keys';
import type { Outcome } from './simulate';

/** The indexes in schema/schema.json, by collection and name. */
export type Indexes = Readonly<Record<string, Readonly<Record<string, Index>>>>;
export type Outcomes = Readonly<Record<Distribution, readonly Outcome[]>>;

/** Returns the table of the simulation of one collection. In each pair of numbers, the first is for even owners, the second for Zipf's law. */
export function balanceTable({ even, zipf }: Outcomes): string {
  const both = (at: number, tell: (outcome: Outcome) => string) => {
    const told = [even[at], zipf[at]].map((outcome) => (outcome === undefined ? '' : tell(outcome)));
    return told[0] === told[1] ? (told[0] ?? '') : told.join(', ');
  };
  return markdownTable(
    ['shard key', 'data on the fullest', 'inserts on the busiest', 'moved per inserted byte', 'cannot be divided'],
    even.map(({ key }, at) => [
      `\`${textOf(key)}\``,
      both(at, ({ fullest }) => percent(fullest)),
      both(at, ({ busiest }) => percent(busiest)),
      both(at, ({ moved }) => moved.toFixed(2)),
      both(at, indivisible),
    ]),
  );
}

function indivisible({ indivisibleMiB }: Outcome): string {
  if (indivisibleMiB === undefined) return 'no';
  return indivisibleMiB > rangeMiB ? `**${grouped(indivisibleMiB)} MiB**` : `${grouped(indivisibleMiB)} MiB`;
}

/** Returns the table of how each key fits the schema and the queries of the product. */
export function fitTable({ collection }: Growth, { even }: Outcomes, indexes: Indexes, queries: readonly KnownQuery[]) {
  const own = queries.filter((query) => query.collection === collection);
  const present = indexes[collection] ?? {};
  return markdownTable(
    ['shard key', 'index for it', 'unique indexes', '`_id` is unique', 'queries to one shard'],
    even.map(({ key }) => {
      const targeted = own.filter((query) => goesToOneShard(key, query));
      const index = supportingIndex(key, present);
      return [
        `\`${textOf(key)}\``,
        index === undefined ? 'to be built' : `\`${index}\``,
        fieldsLeft(present) === undefined
          ? 'there are none'
          : allowsUnique(key, present)
            ? 'are allowed'
            : 'prevent it',
        Object.keys(key.fields)[0] === '_id' ? 'in the cluster' : 'on each shard',
        `${targeted.length} of ${own.length}`,
      ];
    }),
    { texts: 4 },
  );
}

/** Returns the text that says which queries go to one shard and which go to all shards, if the key begins with the owner's field. */
export function queriesText({ collection, owner }: Growth, { even }: Outcomes, queries: readonly KnownQuery[]): string {
  const own = queries.filter((query) => query.collection === collection);
  const key = even.find(({ key: { fields } }) => Object.keys(fields)[0] === owner)?.key;
  const names = (isTargeted: boolean) =>
    own
      .filter((query) => key !== undefined && goesToOneShard(key, query) === isTargeted)
      .map(({ name }) => `\`${name}\``)
      .join(', ');
  return `If \`${owner}\` is the first field of the key, these queries go to one shard: ${names(true) || 'none'}. These go to all shards: ${names(false) || 'none'}.`;
}

/** Returns the list of how many documents of one owner exceed what fits into one move. */
export function jumboText(growths: readonly Growth[]): string {
  return growths
    .map((growth) => {
      const size = averageSize(growth);
      const documents = (rangeMiB * 2 ** 20) / size;
      return `- \`${growth.collection}\`: ${grouped(Math.round(documents / 1000) * 1000)} documents of one \`${growth.owner}\`, at ${grouped(size)} bytes per document.`;
    })
    .join('\n');
}

/** Returns the table of the shard keys that the unique indexes allow. */
export function uniqueTable(indexes: Indexes): string {
  const rows = Object.entries(indexes).flatMap(([collection, own]) => {
    const unique = Object.entries(own).filter(([, { unique: is }]) => is === true);
    const left = fieldsLeft(own);
    if (left === undefined) return [];
    const keys = left.map((_, at) => `\`{ ${left.slice(0, at + 1).map((field) => `${field}: 1`).join(', ')} }\``); // prettier-ignore
    return [
      [
        `\`${collection}\``,
        unique.map(([name]) => `\`${name}\``).join(', '),
        keys.length === 0 ? 'none: the unique indexes begin with different fields' : keys.join(' or '),
      ],
    ];
  });
  return markdownTable(['collection', 'unique indexes', 'shard keys that they allow'], rows, { texts: 3 });
}
