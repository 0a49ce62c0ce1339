import { describe, expect, it } from 'vitest';
import { queries } from '../../queries';
import { runCommandLine } from '../cli/command-line';
import { documentOf, serverEnvironment } from '../support/schema-command';
import { useSeededDatabase } from './seeded-database';

const database = useSeededDatabase();
const schema = (...args: string[]) => runCommandLine(args, serverEnvironment(database.name));

describe('schema explain', () => {
  it('shows all queries in a table', async () => {
    const { exitCode, stdout } = await schema('explain');
    expect(exitCode).toBe(0);
    for (const { name } of queries) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect(stdout).toMatch(/^user-by-email +users\.email_1 +1 +1 +1 +\d+$/m);
    expect(stdout).toMatch(/^\d+ queries, \d+ with a problem; /m);
  });

  it('names the indexes that no query is known for', async () => {
    await database.db.collection('users').createIndex({ by_hand: 1 });
    expect((await schema('explain')).stdout).toContain('There is no known query for users.by_hand_1.\n');
    await database.db.collection('users').dropIndex('by_hand_1');
  });

  it('shows the plan of one as a tree, without any value', async () => {
    const user = await database.db.collection('users').findOne({}, { sort: { email: 1 } });
    const { exitCode, stdout } = await schema('explain', 'user-by-email');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^user-by-email, served by users\.email_1: sign-in by email[^\n]*\n\nFETCH {2}1 document, 1 returned\n└─ IXSCAN email_1 {2}1 key, 1 returned\n {8}email: 1 value\n\n1 key and 1 document examined for 1 returned, in \d+ ms\.\n$/,
    );
    expect(stdout).not.toContain(String(user?.['email']));
  });

  it('is one document with --json', async () => {
    const document = documentOf(await schema('explain', 'newest-users', '--json'));
    const plan = { indexes: ['created_at_1'], scans: false, sorts: false };
    expect(document).toMatchObject({ queries: [{ name: 'newest-users', plan, problems: [] }], noQueryKnown: [] });
  });

  it('ends 64 for a query that there is not, and knows what was meant', async () => {
    const { exitCode, stderr } = await schema('explain', 'user-by-emial');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('did you mean user-by-email?');
  });
});

describe('schema indexes', () => {
  it('shows use, size and what is redundant, with a migration to copy', async () => {
    const { exitCode, stdout } = await schema('indexes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^users\.email_1 +\d.* [KM]iB +\d+ +\d{4}-\d\d-\d\d \d\d:\d\d$/m);
    expect(stdout).toContain(
      'projects.user_id_1: user_id_1_status_1 begins with the same fields, and serves the same queries; ',
    );
    expect(stdout).toContain('known: projects-of-user');
    expect(stdout).toMatch(/^TTL indexes have deleted \d+ documents? in all databases of /m);
    expect(stdout).toContain("  hideIndex('projects', 'user_id_1'),\n");
  });

  it('ends 2 with --fail-on-unused, once the window is over', async () => {
    expect((await schema('indexes', '--fail-on-unused')).exitCode).toBe(0);
    const ended = await schema('indexes', '--fail-on-unused', '--window', '0s', '--json');
    expect(ended.exitCode).toBe(2);
    expect(documentOf(ended)).toMatchObject({ window: 0, isWhole: true, unused: expect.any(Number) as number });
  });

  it('ends 64 for a window that is none', async () => {
    const { exitCode, stderr } = await schema('indexes', '--window', 'soon');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('7d, 12h, 30m, 60s');
  });
});

describe('schema queries', () => {
  it('knows the queries of the product, and the index that serves each', async () => {
    await database.db.command({ profile: 2 });
    const project = await database.db.collection('projects').findOne();
    await database.db
      .collection('results')
      .find({ project_id: project?._id })
      .sort({ created_at: -1 })
      .limit(50)
      .toArray();
    await database.db.collection('results').find({ summary: 'a text' }).toArray();
    await database.db.command({ profile: 0 });
    const { exitCode, stdout } = await schema('queries');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'results: find { project_id: ? } sort { created_at: -1 }\n   known query: newest-results-of-project\n   index project_id_1_created_at_1 already serves it\n',
    );
    expect(stdout).toContain('results: find { summary: ? }\n   no index serves it; summary_1 would\n');
    expect(stdout).toContain(
      "createIndexes('results', [{ name: 'summary_1', key: { summary: 1 }, serves: 'find by summary' }]),\n",
    );
    expect(stdout).not.toContain('a text');
  });
});
