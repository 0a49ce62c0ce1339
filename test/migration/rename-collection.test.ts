import { describe, expect, it } from 'vitest';
import {
  addValidator,
  backfill,
  changeView,
  createCollections,
  createIndexes,
  createView,
  dropView,
  foldMigrations,
  insertDocuments,
  KnownTargets,
  migration,
  renameCollection,
  renameField,
  run,
  type Step,
} from '../../src/migration';
import { diffBetween, fold, overlaps, touches, type Change } from '../../src/schema';
import { schemaPage } from '../../src/review/markdown';
import { errorWith } from '../support/error-with';

const made = [
  createCollections('accounts'),
  addValidator('accounts', { $jsonSchema: { properties: { email: { bsonType: 'string' } } } }),
  createIndexes('accounts', [{ name: 'email_1', key: { email: 1 }, serves: 'sign-in' }]),
  insertDocuments('accounts', [{ _id: 'root', email: 'a' }]),
];
const rename = renameCollection('accounts', 'customers');
const reader = { on: 'accounts', pipeline: [] };
const move = { from: reader, to: { on: 'customers', pipeline: [] } };
const keepOld = createView('accounts', { on: 'customers', pipeline: [] });

const migrationsOf = (...all: readonly (readonly Step[])[]) =>
  all.map((steps, at) => migration(`2026010${at + 1}000000-test.ts`, ...steps));
const folded = (...all: readonly (readonly Step[])[]) => foldMigrations(migrationsOf(...all));
const changesIn = (...steps: readonly Step[]): Change[] => steps.flatMap(({ changes }) => [...changes]);

describe('A renamed collection', () => {
  it('has everything that it had, and its old name is free', () => {
    const { accounts } = folded(made);
    expect(folded(made, [rename])).toEqual({ customers: accounts });
    expect(Object.keys(folded(made, [rename], [createCollections('accounts')]))).toEqual(['accounts', 'customers']);
    expect(folded(made, [rename], [renameCollection('customers', 'accounts')])).toEqual({ accounts });
    expect(Object.keys(folded(made, [rename, keepOld]))).toEqual(['accounts', 'customers']);
  });

  it('can be changed by later migrations, under its new name alone', () => {
    const more = (name: string) => createIndexes(name, [{ name: 'at_1', key: { at: 1 }, serves: 'a test' }]);
    expect(Object.keys(folded(made, [rename], [more('customers')])['customers']?.indexes ?? {})).toEqual([
      'at_1',
      'email_1',
    ]);
    expect(() => folded(made, [rename], [more('accounts')])).toThrow(/the collection accounts does not exist/);
  });

  it('keeps on the page of the schema what its indexes are there for', () => {
    const migrations = migrationsOf(made, [rename]);
    expect(schemaPage(migrations, [], foldMigrations(migrations))).toMatch(/### customers[^]*`email_1`.*sign-in/);
  });

  it('is told as renamed between two points of a history, in either direction', () => {
    const [before, after] = [folded(made), folded(made, [rename, keepOld])];
    const between = changesIn(rename, keepOld);
    expect(diffBetween(before, after, between)).toEqual(between);
    const back = diffBetween(after, before, changesIn(renameCollection('customers', 'accounts')));
    expect(back.map(({ kind }) => kind)).toContain('collection.name');
    expect(diffBetween({}, after, between).map(({ kind }) => kind)).not.toContain('collection.name');
  });

  it('lies in the rename, and so does all that it holds, under either name', () => {
    const index = { kind: 'index', place: { collection: 'accounts', name: 'email_1' } } as const;
    const there = { kind: 'index', place: { collection: 'customers', name: 'email_1' } } as const;
    const [change] = rename.changes as [Change];
    expect([index, there].map((one) => [overlaps(change, one), overlaps(one, change)])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(overlaps(change, { kind: 'view', place: { collection: 'accounts' } })).toBe(false);
    expect(touches(changesIn(...made, rename))(there)).toBe(true);
    expect(touches(changesIn(...made))(there)).toBe(false);
  });
});

describe('A rename is refused', () => {
  it.each<[title: string, migrations: (readonly Step[])[], why: RegExp]>([
    ['of what does not exist', [[rename]], /the collection accounts does not exist/],
    [
      'of a name with a typo',
      [[createCollections('acounts')], [rename]],
      /did you mean acounts\? Otherwise, createCollections must come first/,
    ],
    [
      'of a view',
      [[createCollections('a'), createView('accounts', { on: 'a', pipeline: [] })], [rename]],
      /a view has that name/,
    ],
    [
      'to a name that a collection has',
      [[...made, createCollections('customers')], [rename]],
      /a collection named customers exists; choose another name, or drop it first/,
    ],
    [
      'to a name that a view has',
      [[...made, createView('customers', reader)], [rename]],
      /a view named customers exists/,
    ],
    [
      'while a view reads from the old name',
      [[...made, createView('all', reader), createView('more', reader)], [rename]],
      /Cannot rename collection accounts to customers[^]*the view all, the view more read from accounts, and would show nothing after the rename; in the same migration, change them with changeView after the rename/,
    ],
    [
      'while a view reads from the old name, though the next migration changes it',
      [[...made, createView('all', reader)], [rename], [changeView('all', move)]],
      /the view all reads from accounts/,
    ],
  ])('%s', (_, migrations, why) => {
    expect(() => folded(...migrations)).toThrow(why);
  });

  it('unless the same migration changes or drops what reads from the old name, or something keeps that', () => {
    const start = [...made, createView('all', reader)];
    expect(folded(start, [rename, changeView('all', move)])['all']?.view?.viewOn).toBe('customers');
    expect(folded(start, [dropView('all', reader), rename])).not.toHaveProperty('all');
    expect(folded(start, [rename, keepOld])).toHaveProperty('all');
  });

  it.each<[title: string, steps: readonly Step[], summary: RegExp]>([
    [
      'with an index on it',
      [rename, createIndexes('customers', [{ name: 'a_1', key: { a: 1 }, serves: 'x' }])],
      /overlap/,
    ],
    ['after a change of it', [addValidator('accounts', { a: 1 }), rename], /overlap/],
    ['with a second rename', [rename, renameCollection('customers', 'clients')], /overlap/],
    ['with a collection of the old name', [rename, createCollections('accounts')], /overlap/],
    [
      'with a step that writes to it',
      [rename, backfill('customers', { filter: { a: null }, update: { $set: { a: 1 } } })],
      /has a step that may write to it: backfill customers/,
    ],
    [
      'with a step that does not tell what it writes to',
      [
        rename,
        run('a test', { isDone: () => Promise.resolve(true), run: () => Promise.resolve(), undo: 'nothing to undo' }),
      ],
      /has a step that may write to it: a test/,
    ],
  ])('in one migration %s', (_, steps, summary) => {
    expect(() => migration('20260101000000-test.ts', ...steps)).toThrow(summary);
  });

  it('to the name that it has', () => {
    expect(() => renameCollection('a', 'a')).toThrow(
      errorWith({ code: 'MIGRATION', summary: 'does not change the name' }),
    );
    expect(() => renameCollection('a', 'system.b')).toThrow('is not a valid name for a collection');
    expect(() => renameCollection('a', 'schema_lock')).toThrow('is not a valid name for a collection');
  });
});

describe('A data step after a rename', () => {
  const problemOf = (...steps: readonly Step[]) => {
    const targets = new KnownTargets();
    const problems = migrationsOf(made, [rename], steps).map((one) => targets.take(one));
    return problems.at(-1)?.why;
  };
  const fill = (name: string) => backfill(name, { filter: { a: null }, update: { $set: { a: 1 } } });

  it('is known under the new name, with the fields that were known', () => {
    expect(problemOf(fill('customers'))).toBeUndefined();
    expect(problemOf(renameField('customers', 'email', 'mail'))).toBeUndefined();
    expect(problemOf(renameField('customers', 'emial', 'mail'))).toMatch(/no validator, index or data step mentions/);
    expect(problemOf(fill('accounts'))).toBe('the collection accounts does not exist at this point');
  });
});

it('A rename and its undoing lead back', () => {
  const before = fold(changesIn(...made));
  expect(fold(changesIn(rename, renameCollection('customers', 'accounts')), before)).toEqual(before);
});
