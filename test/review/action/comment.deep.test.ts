import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeGitHub } from './github';

const script = path.resolve(__dirname, '../../../.github/actions/schema-report/comment.mjs');
const sha = 'a'.repeat(40);
const marker = '<!-- schema-report -->';
const footer = `<sub>Written by the code of the pull request at ${sha}.</sub>`;
const github = new FakeGitHub();
let [api, folder] = ['', ''];

const fork = { full_name: 'somebody/schema', owner: { login: 'somebody' } };
const event = {
  repository: { full_name: 'studio/schema' },
  // A fork's pull request is not among those that GitHub lists in the event.
  workflow_run: { id: 1, head_sha: sha, head_branch: 'topic/tags#1', head_repository: fork, pull_requests: [] },
};
const pull = (number: number, head = sha, repo = fork.full_name) => ({
  number,
  head: { sha: head, ref: 'topic/tags#1', repo: { full_name: repo } },
});

beforeAll(async () => {
  api = await github.start();
  folder = await mkdtemp(path.join(tmpdir(), 'comment-test-'));
  await writeFile(path.join(folder, 'event.json'), JSON.stringify(event));
});
afterAll(async () => {
  github.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  github.reset();
  github.pulls.push(pull(7));
});

async function run(file: string) {
  const env = { GITHUB_API_URL: api, GITHUB_TOKEN: 'ghs_token', GITHUB_EVENT_PATH: path.join(folder, 'event.json') };
  const { exitCode, stdout, stderr } = await execa('node', [script], { env: { ...env, REPORT: file }, reject: false });
  return { exitCode, stdout, stderr };
}

async function post(report: string) {
  const file = path.join(folder, 'report.md');
  await writeFile(file, report);
  return run(file);
}

describe('The comment of a pull request', () => {
  it('is posted once, and then updated', async () => {
    expect(await post('## Report\n\nfirst\n')).toEqual({ exitCode: 0, stdout: '#7: posted', stderr: '' });
    expect(github.comments).toMatchObject([{ body: `${marker}\n## Report\n\nfirst\n\n${footer}\n` }]);
    expect((await post('## Report\n\nsecond\n')).stdout).toBe('#7: updated');
    expect(github.comments).toMatchObject([{ body: `${marker}\n## Report\n\nsecond\n\n${footer}\n` }]);
  });

  it('is left alone when it says the same already', async () => {
    await post('## Report\n');
    expect((await post('## Report\n')).stdout).toBe('#7: the comment says so already');
    expect(github.requests.filter((request) => !request.startsWith('GET'))).toHaveLength(1);
  });

  it('is found on a later page', async () => {
    for (let number = 0; number < 230; number++) github.addComment(`comment ${number}`, 'somebody');
    const own = github.addComment(`${marker}\nold`);
    for (let number = 0; number < 40; number++) github.addComment(`more ${number}`, 'somebody');
    expect((await post('new')).stdout).toBe('#7: updated');
    expect(own.body).toContain('new');
    expect(github.comments).toHaveLength(271);
  });

  it('asks for one page more when the last one is full', async () => {
    for (let number = 0; number < 100; number++) github.addComment(`comment ${number}`, 'somebody');
    expect((await post('new')).stdout).toBe('#7: posted');
    expect(github.requests.filter((request) => request.includes('/comments?'))).toHaveLength(2);
  });

  it('is never one that somebody else wrote', async () => {
    const theirs = github.addComment(`${marker}\nmine`, 'somebody');
    expect((await post('new')).stdout).toBe('#7: posted');
    expect(theirs.body).toBe(`${marker}\nmine`);
  });

  it('is not made for a report that has nothing to tell, and is updated by one', async () => {
    const report = '<!-- schema-report: nothing to tell -->\n## Schema report\n\nNothing.\n';
    expect((await post(report)).stdout).toBe('#7: nothing to tell');
    expect(github.comments).toEqual([]);
    github.addComment(`${marker}\nold`);
    expect((await post(report)).stdout).toBe('#7: updated');
    expect(github.comments[0]?.body).toBe(`${marker}\n## Schema report\n\nNothing.\n\n${footer}\n`);
  });
});

describe('The pull request of a report', () => {
  it('is told by GitHub, by repository, branch and commit', async () => {
    github.reset();
    github.pulls.push(pull(5, 'b'.repeat(40)), pull(6, sha, 'somebody/other'), pull(7));
    expect((await post('new')).stdout).toBe('#7: posted');
    expect(github.requests[0]).toBe(
      'GET /repos/studio/schema/pulls?state=open&head=somebody%3Atopic%2Ftags%231&per_page=100&page=1',
    );
  });

  it('gets nothing once a later push has overtaken the report', async () => {
    github.reset();
    github.pulls.push(pull(7, 'b'.repeat(40)));
    expect(await post('new')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing is posted') as string,
    });
    expect(github.comments).toEqual([]);
  });
});

describe('A report that somebody forged', () => {
  it('calls nobody, loads nothing and hides nothing', async () => {
    await post(
      '@everyone ![x](https://example.com/x.png) <img src=x> <!-- hidden --> a@b.c <details>\n<summary>y</summary>',
    );
    const body = github.comments[0]?.body ?? '';
    const text = body.slice(marker.length);
    expect(text).not.toMatch(/@\w|!\[|<img|<!--/);
    expect(text).toContain('<details>\n<summary>y</summary>');
  });

  it('is cut at what GitHub takes', async () => {
    for (const text of ['x'.repeat(80_000), '@a'.repeat(30_000), 'line\n'.repeat(40_000), '🙂'.repeat(60_000)]) {
      expect(await post(text)).toMatchObject({ exitCode: 0, stderr: '' });
    }
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('**Cut here.**');
    expect(github.comments[0]?.body.endsWith(`${footer}\n`)).toBe(true);
  });

  it('is refused when it is a link to another file', async () => {
    const link = path.join(folder, 'link.md');
    await symlink(path.join(folder, 'event.json'), link);
    expect(await run(link)).toEqual({ exitCode: 1, stdout: '', stderr: 'error The report is no plain file.' });
    expect(github.requests).toEqual([]);
  });
});

describe('A request that GitHub refuses', () => {
  it('fails the job with what GitHub says, without the token', async () => {
    github.failure = { status: 403, text: '{"message":"Resource not accessible by integration"}' };
    const { exitCode, stderr } = await post('new');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error GET \/repos\/studio\/schema\/pulls.*: 403 .*Resource not accessible/);
    expect(stderr).not.toContain('ghs_token');
  });
});
