import { createHash } from 'node:crypto';
import { BSON, type Document } from 'mongodb';
import type { CollectionName } from '../../models';
import { countOf, makeMany } from '../../seeders/seeder';
import { seeders } from '../../seeders/seeders';
import type { World } from '../../seeders/world';

export const world: World = {
  seed: 1,
  size: { users: 4, projects: 3, results: 60 },
  now: new Date('2026-11-25T00:00:00Z'),
  passwordHash: 'a hash',
};

export type Everything = ReadonlyMap<CollectionName, readonly Document[]>;

/** All documents of a world, made `batch` at a time. */
export function everything(of: World, batch = Infinity): Everything {
  return new Map(
    seeders.map((seeder) => {
      const count = countOf(seeder, of.size);
      const documents: Document[] = [];
      for (let from = 0; from < count; from += batch) {
        documents.push(...makeMany(seeder, of, from, Math.min(from + batch, count)));
      }
      return [seeder.collection, documents];
    }),
  );
}

/** The values at a path, those of a list one by one. */
export function valuesAt(document: Document, path: string): unknown[] {
  const value = path.split('.').reduce<unknown>((inner, name) => (inner as Document | undefined)?.[name], document);
  return value === undefined ? [] : [value].flat();
}

/** One text for all documents, in whichever order their collections came. */
export function fingerprint(all: Everything): string {
  const hash = createHash('sha256');
  for (const name of [...all.keys()].sort()) {
    for (const document of all.get(name) ?? []) hash.update(BSON.serialize(document));
  }
  return hash.digest('hex');
}
