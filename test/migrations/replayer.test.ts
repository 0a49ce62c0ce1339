import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMigrations, loadMigrations } from '../../src/project';
import { foldMigrations } from '../../src/migration';
import { actionOf } from '../../src/execute';
import * as verbs from '../../src/migration/verbs';
import { describeChange } from '../../src/schema';
import { everyHalfDoneState, oneHalfDoneState } from '../support/half-done';

const files = findMigrations(path.join(__dirname, 'every-verb'));
const migrations = loadMigrations(files);

// replayer.deep.test.ts replays them.
describe('What replays migrations is tried on some that', () => {
  it.each(Object.keys(verbs))('use every verb: %s', (verb) => {
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    expect(texts.filter((text) => text.includes(` ${verb}(`)).length).toBeGreaterThan(0);
  });

  it('make every kind of change', () => {
    const kinds = new Set(migrations.flatMap(({ changes }) => changes.map((change) => actionOf(change))));
    expect([...kinds].sort()).toEqual([
      'changeCollection',
      'changeIndex',
      'changeView',
      'createCollection',
      'createIndex',
      'createView',
      'dropCollection',
      'dropIndex',
      'dropView',
      'insertDocument',
      'makeUnique',
      'removeDocument',
      'renameCollection',
      'replaceIndex',
      'setValidator',
      'updateDocument',
    ]);
  });
});

describe('A half-done state', () => {
  const states = (suffix: string, which: typeof everyHalfDoneState) => {
    const at = migrations.findIndex(({ name }) => name.endsWith(suffix));
    const { changes = [] } = migrations[at] ?? {};
    return which(changes, foldMigrations(migrations.slice(0, at))).map(
      ({ what, byHand }) => `${what}: ${byHand.map(describeChange).join(', ')}`,
    );
  };

  it('has what its changes need: the collection of an index, and no other index with the same keys', () => {
    expect(states('-whole_collection.ts', everyHalfDoneState)).toEqual([
      'teams.options alone: create collection teams',
      'teams.validator and what it needs: create collection teams, create validator of teams',
      'teams.indexes.name_1 and what it needs: create collection teams, create index teams.name_1',
      'teams.indexes.at_-1 and what it needs: create collection teams, create index teams.at_-1',
      'teams.documents."all" and what it needs: create collection teams, create document "all" of teams',
      'the first 3: create collection teams, create validator of teams, create index teams.name_1',
      'the first 4: create collection teams, create validator of teams, create index teams.name_1, create index teams.at_-1',
      'the first 5: create collection teams, create validator of teams, create index teams.name_1, create index teams.at_-1, create document "all" of teams',
      'every second change and what it needs: create collection teams, create validator of teams, create index teams.at_-1',
    ]);
    expect(states('-removals.ts', everyHalfDoneState)).toContain(
      'towns.indexes.by_zip and what it needs: drop index towns.zip_1, create index towns.by_zip',
    );
  });

  it('is that of a collection that is empty, when it is dropped', () => {
    expect(states('-drop_collection.ts', everyHalfDoneState)).toContain(
      'drafts.options and what it needs: drop document "first" of drafts, drop index drafts.place_2dsphere, drop index drafts.at_1, drop validator of drafts, drop collection drafts',
    );
  });

  it('is neither before nor after, where there is but one', () => {
    expect(states('-whole_collection.ts', oneHalfDoneState)).toHaveLength(1);
    for (const { name, changes } of migrations.filter((migration) => migration.changes.length > 1)) {
      const [state = ''] = states(name, oneHalfDoneState);
      const count = state.split(/, (?:create|change|drop) /).length;
      expect(count, state).toBeLessThan(changes.length);
    }
  });
});
