import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { models, newModels, type CollectionName } from '../../models';
import { deployProduct } from '../support/product';
import { useDatabase } from '../support/database';
import { alteredDocuments } from './altered-documents';
import { placesIn } from './json-schema';
import { asRead, collectionLike, schemaOf, underNewId, acceptedOf } from './judges';
import { validDocuments } from './valid-documents';

const seed = 20261123;
const names = Object.keys(models) as CollectionName[];

describe('a model and the validator of its collection', () => {
  const database = useDatabase();
  beforeAll(() => deployProduct(database));

  test.each(names)('both accept every valid document: %s', async (name) => {
    const schema = await schemaOf(database.db, name);
    const documents = fc
      .sample(validDocuments(schema, false), { seed, numRuns: 100 })
      .map((made) => underNewId(made as object));

    const accepted = await acceptedOf(await collectionLike(database.db, name), documents);

    expect(documents.filter((_, at) => !accepted[at])).toEqual([]);
    for (const document of documents) {
      const read = asRead(document);
      expect(models[name].parse(read)).toEqual(read);
      expect(newModels[name].parse(read)).toEqual(read);
    }
  });

  test.each(names)('agree on every document that was altered at one place: %s', async (name) => {
    const schema = await schemaOf(database.db, name);
    const [complete] = fc.sample(validDocuments(schema, true), { seed, numRuns: 1 }) as [object];
    const cases = [...alteredDocuments(schema, complete)].map((altered) =>
      altered.path[0] === '_id' ? altered : { ...altered, document: underNewId(altered.document) },
    );
    // What lacks an _id is given one by the driver; the models for what is inserted say so.
    const stored = cases.filter(({ document }) => '_id' in document);

    const collection = await collectionLike(database.db, name);
    const byServer = await acceptedOf(
      collection,
      stored.map(({ document }) => document),
    );
    const judged = stored.map(({ path, how, document }, at) => {
      const read = asRead(document);
      const byModel = models[name].safeParse(read).success;
      const byNewModel = newModels[name].safeParse(read).success;
      return { place: path.join('.'), how, byServer: byServer[at], byModel, byNewModel };
    });

    expect(
      judged.filter(({ byServer, byModel, byNewModel }) => byServer !== byModel || byModel !== byNewModel),
    ).toEqual([]);
    expect(judged.filter(({ byServer }) => byServer).length).toBeGreaterThan(0);
    const refused = new Set(judged.filter(({ byServer }) => byServer === false).map(({ place }) => place));
    expect([...placesIn(schema)].map(({ path }) => path.join('.')).filter((place) => !refused.has(place))).toEqual([]);
  });
});
