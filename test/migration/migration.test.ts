import { describe, expect, it } from 'vitest';
import {
  addValidator,
  changeTtl,
  createCollections,
  createIndexes,
  dropIndexes,
  migration,
  migrationName,
} from '../../src/migration';
import { wirePlace } from '../../src/schema';
import { errorWith } from '../support/error-with';

const index = { name: 'a_1', key: { a: 1 }, serves: 'finding by a', expireAfterSeconds: 60 } as const;

describe('A migration', () => {
  it('holds its steps, and their changes in order', () => {
    const steps = [createCollections('users'), createIndexes('projects', [index])];
    const { name, steps: held, changes } = migration('/any/where/20260101000000-users.ts', ...steps);
    expect(name).toBe('20260101000000-users.ts');
    expect(held).toEqual(steps);
    expect(changes.map((change) => wirePlace(change).join('.'))).toEqual(['users.options', 'projects.indexes.a_1']);
  });

  it('cannot be altered', () => {
    expect(() =>
      Object.assign(migration('20260101000000-one.ts', createCollections('users')), { name: 'other' }),
    ).toThrow(TypeError);
  });

  it.each([
    ['/dist/migrations/20260101000000-users.js', '20260101000000-users.ts'],
    ['20260101000000-users.ts', '20260101000000-users.ts'],
    ['20260101000000-node.js.ts', '20260101000000-node.js.ts'],
  ])('in %s is known to the changelog as %s', (file, name) => {
    expect(migrationName(file)).toBe(name);
  });
});

describe('A migration is refused', () => {
  const refusal = (...steps: Parameters<typeof migration> extends [string, ...infer Steps] ? Steps : never) => {
    return () => migration('20260101000000-users.ts', ...steps);
  };

  it.each([
    ['no steps', [], 'it has no steps'],
    ['steps without changes', [createIndexes('users', []), createCollections()], 'none of its steps changes anything'],
  ])('when it has %s', (_title, steps, why) => {
    expect(refusal(...steps)).toThrow(
      errorWith({ code: 'MIGRATION', summary: '20260101000000-users.ts does nothing', why }),
    );
  });

  it('when it changes one place twice', () => {
    expect(refusal(addValidator('users', { a: 1 }), addValidator('users', { a: 2 }))).toThrow(
      errorWith({
        code: 'MIGRATION',
        summary: '20260101000000-users.ts changes users.validator and users.validator, which overlap',
        why: 'after an interruption, a run could not find out how far it got',
        fix: 'move one of them to a separate migration',
      }),
    );
  });

  it('when it changes an index and an attribute of it', () => {
    const [create, ttl] = [createIndexes('users', [index]), changeTtl('users', 'a_1', { from: 60, to: 90 })];
    expect(refusal(create, ttl)).toThrow(
      'changes users.indexes.a_1.expireAfterSeconds and users.indexes.a_1, which overlap',
    );
    expect(refusal(ttl, create)).toThrow(
      'changes users.indexes.a_1 and users.indexes.a_1.expireAfterSeconds, which overlap',
    );
  });

  it('when it drops an index and makes it anew', () => {
    expect(refusal(dropIndexes('users', [index]), createIndexes('users', [{ ...index, hidden: true }]))).toThrow(
      'overlap',
    );
  });

  it('when one step creates a collection or an index twice', () => {
    expect(refusal(createCollections('users', 'users'))).toThrow('changes users.options and users.options');
    expect(refusal(createIndexes('users', [index, index]))).toThrow('changes users.indexes.a_1 and users.indexes.a_1');
  });

  it('for no places that lie side by side', () => {
    const steps = [createCollections('users'), createIndexes('users', [index]), addValidator('users', { a: 1 })];
    expect(refusal(...steps, createIndexes('projects', [index]))).not.toThrow();
  });
});
