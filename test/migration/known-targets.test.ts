import { describe, expect, it, onTestFinished } from 'vitest';
import {
  addValidator,
  backfill,
  changeValidator,
  createCollections,
  createIndexes,
  createView,
  dropCollection,
  dropField,
  KnownTargets,
  migration,
  removeDuplicates,
  removeValidator,
  renameField,
  run,
  type FieldPath,
  type Step,
} from '../../src/migration';
import { openProject } from '../../src/project';
import { errorWith } from '../support/error-with';
import { makeSmallProject } from '../support/small-project';

/** What is wrong with the last of these migrations, each a list of steps. */
function problemOf(...migrations: readonly (readonly Step[])[]) {
  const targets = new KnownTargets();
  const problems = migrations.map((steps, at) => targets.take(migration(`2026010${at + 1}000000-test.ts`, ...steps)));
  expect(problems.slice(0, -1).filter(Boolean)).toEqual([]);
  return problems.at(-1);
}

const posts = createCollections('posts', 'users');
const drop = (field: FieldPath, undeclared = false) => dropField('posts', field, { reason: 'a test', undeclared });
const fill = (collection: string, set: object = { done: true }) =>
  backfill(collection, { filter: { done: null }, update: { $set: set } });
const free = (...writes: string[]) =>
  run('a test', { isDone: () => Promise.resolve(true), run: () => Promise.resolve(), undo: 'nothing to undo', writes });
const recent = createView('recent', { on: 'posts', pipeline: [] });

describe('A data step on a collection', () => {
  it.each<[title: string, steps: (readonly Step[])[]]>([
    ['that an earlier migration makes', [[posts], [fill('posts')]]],
    ['that an earlier step makes', [[posts, fill('posts')]]],
    [
      'that was dropped and made again',
      [
        [posts],
        [dropCollection('posts', { reason: 'a test', was: [createCollections('posts')] })],
        [createCollections('posts')],
        [fill('posts')],
      ],
    ],
    [
      'that nobody names',
      [[run('a test', { isDone: () => Promise.resolve(true), run: () => Promise.resolve(), undo: 'nothing to undo' })]],
    ],
  ])('%s passes', (_, steps) => {
    expect(problemOf(...steps)).toBeUndefined();
  });

  it.each<[title: string, steps: (readonly Step[])[], why: string, fix: string]>([
    [
      'that nothing makes',
      [[fill('posts')]],
      'the collection posts does not exist at this point',
      'it must be created first, with createCollections',
    ],
    [
      'with a typo',
      [[posts], [fill('psots')]],
      'the collection psots does not exist at this point',
      'did you mean posts?',
    ],
    [
      'that a later step makes',
      [[fill('posts'), posts]],
      'the collection posts does not exist at this point',
      'createCollections',
    ],
    [
      'that was dropped',
      [[posts], [dropCollection('posts', { reason: 'a test', was: [createCollections('posts')] })], [fill('posts')]],
      'posts does not exist at this point',
      '',
    ],
    [
      'that is a view',
      [[posts, recent], [fill('recent')]],
      'recent is a view',
      'name the collection that the view reads from',
    ],
    [
      'one of two',
      [[posts], [free('posts', 'usres')]],
      'the collection usres does not exist at this point',
      'did you mean users?',
    ],
    ['dropField', [[drop('a')]], 'the collection posts does not exist at this point', ''],
    [
      'removeDuplicates, where they go',
      [[posts, removeDuplicates('posts', { key: ['a'], keep: { newest: '_id' }, reason: 'a test' })]],
      'the collection removed_posts does not exist at this point',
      'createCollections',
    ],
    ['renameField', [[renameField('posts', 'a', 'b')]], 'the collection posts does not exist at this point', ''],
  ])('%s is refused', (_, steps, why, fix) => {
    const problem = problemOf(...steps);
    expect(problem?.why).toContain(why);
    expect(problem?.fix).toContain(fix);
  });
});

const $jsonSchema = {
  required: ['legacy'],
  properties: {
    lang: { bsonType: 'string' },
    content: { bsonType: 'object', properties: { text: {} } },
    tags: { bsonType: 'array', items: { properties: { name: {} } } },
    open: { bsonType: 'object' },
    counts: { properties: { all: {} }, additionalProperties: { bsonType: 'int' } },
  },
  anyOf: [{ properties: { either: {} } }],
};
const described = [posts, addValidator('posts', { $jsonSchema })];
const index = createIndexes('posts', [{ name: 'slug_1', key: { slug: 1 }, serves: 'a test' }]);
const other = { validator: { $jsonSchema: { properties: { next: {} } } } };

describe('A field of a collection whose validator lists fields', () => {
  it.each<[path: FieldPath, before: (readonly Step[])[], at?: readonly Step[]]>([
    ['lang', [described]],
    ['legacy', [described]],
    ['content.text', [described]],
    ['tags.name', [described]],
    ['open.anything.below', [described]],
    ['lang.below', [described]],
    ['counts.anything', [described]],
    [['counts', 'example.com'], [described]],
    ['either', [described]],
    ['slug', [described, [index]]],
    ['filled', [described, [fill('posts', { filled: 1 })]]],
    ['language', [described, [renameField('posts', 'lang', 'language')]]],
    ['lang', [described, [changeValidator('posts', { from: { validator: { $jsonSchema } }, to: other })]]],
    ['lang', [described, [removeValidator('posts', { validator: { $jsonSchema } })]]],
    ['lang', [described], [changeValidator('posts', { from: { validator: { $jsonSchema } }, to: other })]],
    ['next', [described], [changeValidator('posts', { from: { validator: { $jsonSchema } }, to: other })]],
    ['anything', [[posts]]],
    ['anything', [[posts, addValidator('posts', { lang: { $type: 'string' } })]]],
    ['anything', [[posts, addValidator('users', { $jsonSchema })]]],
    ['anything', [[posts, addValidator('posts', { $jsonSchema: { required: ['a'] } })]]],
    ['other', [[posts, addValidator('posts', { $and: [{ $jsonSchema }, { $expr: { $gt: ['$other', 1] } }] })]]],
  ])('%j passes when something speaks of it', (path, before, at = []) => {
    expect(problemOf(...before, [drop(path), ...at])).toBeUndefined();
    expect(problemOf(...before, [renameField('posts', path, 'elsewhere'), ...at])).toBeUndefined();
  });

  it.each<[path: FieldPath, near: string | undefined]>([
    ['lnag', 'lang'],
    ['Lang', 'lang'],
    ['content.txt', 'content.text'],
    ['contents.text', 'content.text'],
    ['tags.nmae', 'tags.name'],
    ['slug', undefined],
    ['somethingElseAltogether', undefined],
  ])('%j is refused when nothing does', (path, near) => {
    for (const step of [drop(path), renameField('posts', path, 'elsewhere')]) {
      const problem = problemOf(described, [step]);
      expect(problem?.why).toBe(`no validator, index or data step mentions a field ${String(path)} of posts`);
      expect(problem?.fix).toContain('`undeclared: true`');
      expect(/did you mean (\S+)\?/.exec(problem?.fix ?? '')?.[1]).toBe(near);
    }
    expect(problemOf(described, [drop(path, true)])).toBeUndefined();
    expect(problemOf(described, [renameField('posts', path, 'elsewhere', { undeclared: true })])).toBeUndefined();
  });
});

it('A project with a typo in a data step is refused when it is loaded, with the file and the line', async () => {
  const project = await makeSmallProject({
    posts: `createCollections('posts')`,
    fill: `\n  backfill('psots', { filter: { a: null }, update: { $set: { a: 1 } } })`,
  });
  onTestFinished(() => project.remove());
  const error = errorWith({
    code: 'FOLD',
    summary: '20260102000000-fill.ts has a data step on an unknown collection or field',
    why: 'the collection psots does not exist at this point',
    fix: 'did you mean posts?',
    where: '20260102000000-fill.ts:3',
  });
  expect(() => openProject(project.folder).load()).toThrow(error);
});
