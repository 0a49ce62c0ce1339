import { execa } from 'execa';
import type { Document, ObjectId } from 'mongodb';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { models, relations, type CollectionName } from '../../models';
import { idsOf, idsOfAllSeeds, sharedSeed } from '../../seeders/ids';
import { scores } from '../../seeders/reviews/sentiment';
import { countOf, makeMany } from '../../seeders/seeder';
import { seeders } from '../../seeders/seeders';
import type { World } from '../../seeders/world';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { everything, fingerprint, valuesAt, world } from './everything';

const all = everything(world);
const names = [...all.keys()];
const of = (name: CollectionName): readonly Document[] => all.get(name) ?? [];
const time = (document: Document, field: string): number => Number(valuesAt(document, field)[0]);
const day = 24 * 3_600_000;
const idText = (id: unknown): string => (id as ObjectId).toHexString();

describe('Documents of a seed', () => {
  it('are there for every collection, in the numbers that were asked for', () => {
    const message = 'each model in models/models.ts has a seeder in seeders/seeders.ts';
    expect(names.toSorted(), message).toEqual(Object.keys(models).sort());
    const counts = Object.fromEntries(names.map((name) => [name, of(name).length]));
    expect(counts).toMatchObject({ users: 4, presets: 4, projects: 12, schedules: 12, results: 12 * 60 });
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0);
  });

  it('are the same in batches of any size', () => {
    for (const batch of [1, 7, 1000]) expect(fingerprint(everything(world, batch))).toBe(fingerprint(all));
  });

  it('are the same in any order', () => {
    for (const seeder of seeders) {
      const count = countOf(seeder, world.size);
      const backwards = Array.from({ length: count }, (_, at) => makeMany(seeder, world, count - 1 - at, count - at));
      expect(backwards.flat().toReversed()).toEqual(of(seeder.collection));
    }
  });

  it('are the same in another process', async () => {
    const script = path.join('test', 'seeders', 'fingerprint.ts');
    const { stdout } = await execa('node', [...typeScript, script], { cwd: projectFolder });
    expect(stdout).toBe(fingerprint(all));
  });

  it('are others for another seed, but for the accounts that all seeds share', () => {
    const other = everything({ ...world, seed: 2 });
    const ids = new Set(names.flatMap((name) => of(name).map(({ _id }) => String(_id))));
    const shared = names.flatMap((name) => (other.get(name) ?? []).filter(({ _id }) => ids.has(String(_id))));
    expect(shared).toEqual(of('users').slice(0, 2));
    expect(shared.map(({ email, role }) => [email as string, role as string])).toEqual([
      ['testuser0@example.com', 'admin'],
      ['testuser1@example.com', 'user'],
    ]);
  });

  it('stay as they are when more users and projects are asked for', () => {
    const larger = everything({ ...world, size: { ...world.size, users: 6, projects: 4 } });
    for (const name of names) {
      const found = new Map((larger.get(name) ?? []).map((document) => [String(document['_id']), document]));
      expect(of(name).map(({ _id }) => found.get(String(_id)))).toEqual(of(name));
    }
  });

  it('keep the ids of one day on every other', () => {
    const later = everything({ ...world, now: new Date('2027-03-01T00:00:00Z') });
    const idsIn = (documents: readonly Document[] = []) => documents.map(({ _id }) => String(_id));
    for (const name of names) expect(idsIn(later.get(name))).toEqual(idsIn(of(name)));
  });

  it('have ids that no driver makes, in the range that is removed with the seed', () => {
    const range = (name: string, { $gte, $lte }: typeof idsOfAllSeeds) =>
      of(name as CollectionName).filter(({ _id }) => String(_id) >= String($gte) && String(_id) <= String($lte)).length;
    for (const name of names) {
      const ids = of(name).map(({ _id }) => _id as ObjectId);
      expect(new Set(ids.map(String)).size).toBe(ids.length);
      for (const id of ids) expect(id.getTimestamp().getFullYear()).toBe(1977);
      expect(range(name, idsOf(1)) + range(name, idsOf(sharedSeed))).toBe(ids.length);
      expect(range(name, idsOfAllSeeds)).toBe(range(name, idsOf(1)));
    }
    expect(range('users', idsOf(sharedSeed))).toBe(2);
  });
});

describe('Each document', () => {
  test.each(names)('is valid for its model: %s', (name) => {
    for (const document of of(name)) expect(models[name].safeParse(document).error).toBeUndefined();
  });

  test.each(relations)('refers by $from to one of $to', ({ from, to }) => {
    const [name = '', ...field] = from.split('.');
    const ids = new Set(of(to).map(({ _id }) => String(_id)));
    const references = of(name as CollectionName).flatMap((document) => valuesAt(document, field.join('.')));
    const found = references.filter((reference) => reference !== null);
    expect(found.length).toBeGreaterThan(0);
    for (const reference of found) expect(ids).toContain(idText(reference));
  });

  it('belongs to the user whose project it belongs to', () => {
    const owners = new Map(of('projects').map(({ _id, user_id }) => [String(_id), String(user_id)]));
    for (const name of ['targets', 'results', 'scrape_jobs', 'schedules', 'webhooks'] as const) {
      for (const { project_id, user_id } of of(name)) {
        if (project_id !== undefined) expect(owners.get(String(project_id))).toBe(String(user_id));
      }
    }
  });

  it.each([
    ['users', ['email']],
    ['users', ['oauth.google_id']],
    ['users', ['oauth.github_id']],
    ['refresh_tokens', ['token']],
    ['schedules', ['project_id']],
    ['presets', ['user_id', 'name']],
  ] as const)('has a place of its own under the unique index of %s on %s', (name, fields) => {
    const keys = of(name)
      .map((document) => fields.flatMap((field) => valuesAt(document, field)).join())
      .filter(Boolean);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('Dates', () => {
  const now = world.now.getTime();

  it('tell of nothing before what it belongs to, and of nothing after the last day', () => {
    const born = new Map(
      (['users', 'projects', 'targets', 'scrape_jobs', 'webhooks'] as const).flatMap((name) =>
        of(name).map((document) => [String(document['_id']) + name, time(document, 'created_at')] as const),
      ),
    );
    for (const { from, to } of relations) {
      const [name = '', field = ''] = from.split('.');
      // A user's presets and a schedule's last job come later than what names them.
      if (!['user_id', 'project_id', 'target_id', 'scrape_job_id', 'webhook_id'].includes(field)) continue;
      for (const document of of(name as CollectionName)) {
        const [parent] = valuesAt(document, field);
        if (!parent) continue;
        const created = time(document, 'created_at');
        expect(created, from).toBeGreaterThanOrEqual(born.get(idText(parent) + to) ?? Infinity);
        expect(created).toBeLessThanOrEqual(now);
      }
    }
  });

  it('follow each other within a document', () => {
    const later = ['updated_at', 'last_login_at', 'last_used_at', 'last_scraped_at', 'last_run', 'delivered_at'];
    const told = new Set<string>();
    for (const name of names) {
      for (const document of of(name)) {
        const inOrder = ['created_at', 'started_at', 'finished_at'].flatMap((field) => valuesAt(document, field));
        expect(inOrder).toEqual(inOrder.toSorted((one, other) => Number(one) - Number(other)));
        for (const field of later) {
          for (const value of valuesAt(document, field)) {
            told.add(field);
            expect(Number(value), `${name}.${field}`).toBeGreaterThanOrEqual(time(document, 'created_at'));
            expect(Number(value)).toBeLessThanOrEqual(now);
          }
        }
      }
    }
    expect([...told].sort()).toEqual(later.toSorted());
    for (const result of of('results')) {
      expect(time(result, 'content.date')).toBeLessThanOrEqual(time(result, 'created_at'));
      if (result['analysis']) expect(time(result, 'analysis.analyzed_at')).toBeGreaterThan(time(result, 'created_at'));
    }
  });

  it('put results within their job, in the order of their ids', () => {
    const jobs = new Map(of('scrape_jobs').map((job) => [String(job['_id']), job]));
    for (const result of of('results')) {
      const job = jobs.get(String(result['scrape_job_id'])) ?? {};
      expect(time(result, 'created_at')).toBeGreaterThanOrEqual(time(job, 'started_at'));
      expect(time(result, 'created_at')).toBeLessThanOrEqual(time(job, 'finished_at'));
    }
  });

  it('let the server keep what it would remove with time, for a day at least', () => {
    const tomorrow = now + day;
    for (const one of of('webhook_deliveries')) expect(time(one, 'created_at')).toBeGreaterThan(tomorrow - 7 * day);
    for (const one of of('audit_logs')) expect(time(one, 'created_at')).toBeGreaterThan(tomorrow - 365 * day);
    for (const one of of('refresh_tokens')) expect(time(one, 'expires_at')).toBeGreaterThan(tomorrow);
    const enabled = of('schedules').filter((one) => one['enabled'] as boolean);
    expect(enabled.length).toBeGreaterThan(0);
    for (const one of enabled) expect(time(one, 'next_run')).toBeGreaterThanOrEqual(tomorrow);
  });
});

describe('Numbers', () => {
  const grouped = (field: string) => {
    const groups = new Map<string, Document[]>();
    for (const result of of('results')) {
      const key = String(result[field]);
      groups.set(key, [...(groups.get(key) ?? []), result]);
    }
    return groups;
  };

  it('that projects, targets and jobs tell are those of the results that are there', () => {
    const [byProject, byTarget, byJob] = ['project_id', 'target_id', 'scrape_job_id'].map(grouped);
    for (const target of of('targets')) {
      expect(target['results_count']).toBe(byTarget?.get(String(target['_id']))?.length ?? 0);
    }
    for (const job of of('scrape_jobs')) expect(job['results_count']).toBe(byJob?.get(String(job['_id']))?.length ?? 0);
    for (const { _id, stats } of of('projects') as readonly { _id: ObjectId; stats: Document }[]) {
      const found = byProject?.get(String(_id)) ?? [];
      const analysed = found.flatMap((result) => valuesAt(result, 'analysis.sentiment.score') as number[]);
      const mean = analysed.reduce((sum, score) => sum + score, 0) / analysed.length;
      expect(stats['results']).toBe(found.length);
      expect(stats['average_sentiment']).toBeCloseTo(mean, 2);
      expect(stats['jobs']).toBe(
        of('scrape_jobs').filter(({ project_id }) => _id.equals(project_id as ObjectId)).length,
      );
      expect(stats['targets']).toBe(
        of('targets').filter(({ project_id }) => _id.equals(project_id as ObjectId)).length,
      );
    }
  });

  it('of sentiments agree with their labels, stars and emotions', () => {
    const seen = new Set<string>();
    for (const { content, analysis } of of('results')) {
      if (!analysis) continue;
      const { sentiment, emotions, aspects } = analysis as {
        sentiment: Document;
        emotions: Document;
        aspects: Document[];
      };
      for (const { label, score } of [sentiment, ...aspects]) {
        const [min, max] = scores[label as keyof typeof scores];
        expect(score).toBeGreaterThanOrEqual(min);
        expect(score).toBeLessThanOrEqual(max);
      }
      const label = String(sentiment['label']);
      seen.add(label);
      const tones = new Set(aspects.map((one) => String(one['label'])));
      expect([...tones].sort()).toEqual(label === 'mixed' ? ['negative', 'positive'] : [label]);
      const { rating } = content as { rating?: number };
      if (rating !== undefined)
        expect({ positive: [4, 5], negative: [1, 2], neutral: [3], mixed: [3] }[label]).toContain(rating);
      if (label === 'positive') expect(emotions['joy']).toBeGreaterThan(Number(emotions['anger']));
      if (label === 'negative') expect(emotions['anger']).toBeGreaterThan(Number(emotions['joy']));
    }
    expect([...seen].sort()).toEqual(Object.keys(scores).sort());
  });

  it.each([
    { users: 1, projects: 0, results: 0 },
    { users: 1, projects: 1, results: 0 },
    { users: 1, projects: 1, results: 1 },
    { users: 1, projects: 1, results: 7 },
    { users: 3, projects: 1, results: 301 },
  ])('make sense at the edges too: $users users, $projects projects, $results results', (size) => {
    const few = everything({ ...world, size } satisfies World);
    for (const [name, documents] of few) {
      for (const document of documents) expect(models[name].safeParse(document).error).toBeUndefined();
    }
    const ids = new Set([...few.values()].flat().map(({ _id }) => String(_id)));
    for (const { from } of relations) {
      const [name = '', ...field] = from.split('.');
      for (const document of few.get(name as CollectionName) ?? []) {
        for (const value of valuesAt(document, field.join('.'))) if (value) expect(ids).toContain(idText(value));
      }
    }
    const jobs = few.get('scrape_jobs') ?? [];
    const told = jobs.reduce((sum, job) => sum + Number(job['results_count']), 0);
    expect(told).toBe(size.users * size.projects * size.results);
  });
});
