import fc from 'fast-check';
import { BSON, type Document } from 'mongodb';
import { seeders } from '../../seeders/seeders';
import { alteredDocuments, replacements } from '../models/altered-documents';
import { placesIn, valueAt, withoutValue, withValue, type JsonSchema, type Path } from '../models/json-schema';
import { underNewId } from '../models/judges';
import { validDocuments } from '../models/valid-documents';
import { everything, world } from '../seeders/everything';
import type { Case } from './verdicts';

/** A document for all judges, and how it was made. */
export interface Drawn extends Case {
  readonly how: string;
  readonly document: Document;
}

export interface Amounts {
  /** Valid documents. */
  readonly valid: number;
  /** Documents that are altered at several places at once. */
  readonly mixed: number;
  /** Of those that are altered at one place, each so many-th. */
  readonly eachAltered: number;
}

/** Documents of a collection: valid ones, each alteration at each place, and several alterations at once. */
export function drawnCases(collection: string, schema: JsonSchema, seed: number, amounts: Amounts): Drawn[] {
  const { valid, mixed, eachAltered } = amounts;
  const [complete] = fc.sample(validDocuments(schema, true), { seed, numRuns: 1 }) as [object];
  const made = (how: string, document: object): Drawn => drawn(collection, how, document);
  return [
    ...fc.sample(validDocuments(schema, false), { seed, numRuns: valid }).map((one) => made('valid', one as object)),
    ...[...alteredDocuments(schema, complete)]
      // The driver would make another _id in place of null.
      .filter(({ document }, at) => at % eachAltered === 0 && (document as Document)['_id'] !== null)
      .map(({ path, how, document }) => drawn(collection, `${path.join('.')} ${how}`, document, path[0] !== '_id')),
    ...mixedDocuments(schema, seed, mixed).map(({ how, document }) => made(how, document)),
  ];
}

/** What the seeders make. */
export function seededCases(): Drawn[] {
  const all = everything({ ...world, size: { users: 12, projects: 4, results: 100 } });
  return seeders.flatMap(({ collection }) =>
    (all.get(collection) ?? []).map((document) => drawn(collection, 'seeded', document, false)),
  );
}

function drawn(collection: string, how: string, document: Document, isUnderNewId = true): Drawn {
  const made = isUnderNewId ? underNewId(document) : document;
  return { collection, how, document: made, bytes: BSON.serialize(made, { ignoreUndefined: false }) };
}

function mixedDocuments(schema: JsonSchema, seed: number, count: number) {
  const places = [...placesIn(schema)].filter(({ path }) => path[0] !== '_id');
  const draw = fc.record({
    document: validDocuments(schema, true),
    picks: fc.array(fc.record({ place: fc.constantFrom(...places), at: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      minLength: 1,
      maxLength: 4,
    }),
  });
  return fc.sample(draw, { seed, numRuns: count }).map(({ document, picks }) => {
    const done: Path[] = [];
    const how: string[] = ['mixed'];
    let mixed = document as object;
    for (const { place, at } of picks) {
      const { path } = place;
      if (done.some((one) => isPrefix(one, path) || isPrefix(path, one))) continue;
      done.push(path);
      // The last ones are near misses, and more often valid.
      const choices = [...replacements(place, valueAt(mixed, path))].slice(-24);
      const [name, value] = choices[Math.floor(at * choices.length)] ?? ['removed', undefined];
      mixed = name === 'removed' ? withoutValue(mixed, path) : withValue(mixed, path, value);
      how.push(`${path.join('.')} ${name}`);
    }
    return { how: how.join(', '), document: mixed };
  });
}

function isPrefix(one: Path, other: Path): boolean {
  return one.every((name, at) => name === other[at]);
}
