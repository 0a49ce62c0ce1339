/**
 * Posts a report as the one comment of its pull request, and updates that comment later. The report comes from the pull request's own code,
 * and is text that anybody may have written. This script needs only Node, so that no code of a package can read the token.
 */
import { lstat, open } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import process from 'node:process';

const marker = '<!-- schema-report -->';
const nothing = '<!-- schema-report: nothing to tell -->';
const author = 'github-actions[bot]';
/** GitHub accepts 65,536 characters in a comment. A report has 65,000 at most, and this script adds a line above and below the report. */
const limit = 65_500;
const pageSize = 100;
/** A zero-width space. It is invisible, and prevents the characters around it from forming a mention, a tag or an image. */
const gap = '\u200b';

const { GITHUB_API_URL = 'https://api.github.com', GITHUB_TOKEN, GITHUB_EVENT_PATH, REPORT } = process.env;

async function main() {
  if (!GITHUB_TOKEN || !GITHUB_EVENT_PATH || !REPORT) {
    throw new Error('GITHUB_TOKEN, GITHUB_EVENT_PATH and REPORT have to be set.');
  }
  const { repository, workflow_run: run } = JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8'));
  const report = await readReport(REPORT);
  const pulls = await pullRequestsOf(repository.full_name, run);
  if (pulls.length === 0) say(`No open pull request is at ${run.head_sha} any more: nothing is posted.`);
  for (const { number } of pulls) say(`#${number}: ${await post(repository.full_name, number, report, run.head_sha)}`);
}

/**
 * Reads the report. Refuses anything but a plain file, because a link might lead to a secret of this machine. Reads no more than a comment
 * can contain.
 */
async function readReport(file) {
  if (!(await lstat(file)).isFile()) throw new Error('The report is no plain file.');
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({
      buffer: new Uint8Array(limit * 4),
      length: limit * 4,
      position: 0,
    });
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/**
 * Returns the open pull requests whose newest commit is the commit of the report. This comes from GitHub's event, never from the report.
 * After a later push, the report is out of date, so there is no such pull request.
 */
async function pullRequestsOf(repository, { head_sha, head_branch, head_repository }) {
  if (!head_repository) return [];
  const head = encodeURIComponent(`${head_repository.owner.login}:${head_branch}`);
  const pulls = await all(`/repos/${repository}/pulls?state=open&head=${head}`);
  return pulls.filter((pull) => pull.head.sha === head_sha && pull.head.repo?.full_name === head_repository.full_name);
}

async function post(repository, number, report, commit) {
  const comments = await all(`/repos/${repository}/issues/${number}/comments`);
  // Anybody can write a comment with the marker, but only this job writes as this author.
  const own = comments.find(({ body, user }) => user?.login === author && body?.startsWith(marker));
  if (!own && report.startsWith(nothing)) return 'nothing to tell';
  const body = bodyOf(report, commit);
  if (own?.body === body) return 'the comment says so already';
  if (own) await request('PATCH', `/repos/${repository}/issues/comments/${own.id}`, { body });
  else await request('POST', `/repos/${repository}/issues/${number}/comments`, { body });
  return own ? 'updated' : 'posted';
}

function bodyOf(report, commit) {
  const footer = `\n\n<sub>Written by the code of the pull request at ${commit}.</sub>\n`;
  const text = harmless(report.startsWith(nothing) ? report.slice(nothing.length) : report).trim();
  const room = limit - marker.length - footer.length - 1;
  const kept = text.length <= room ? text : `${text.slice(0, room - 20).replace(/\n[^\n]*$/, '')}\n\n**Cut here.**`;
  return `${marker}\n${kept}${footer}`;
}

/** Makes a text harmless: it then mentions nobody, loads no image, and contains no tag or HTML comment, except a few plain tags. */
function harmless(text) {
  const allowed = /^<\/?(?:details|summary|br|sub)>/;
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/@(?=\w)/g, `@${gap}`)
    .replaceAll('![', `!${gap}[`)
    .replaceAll(/<(?=[A-Za-z/!?])/g, (mark, at, whole) => (allowed.test(whole.slice(at, at + 12)) ? mark : mark + gap));
}

/** Returns every item of a list, from all its pages. */
async function all(path) {
  const items = [];
  for (let page = 1; ; page++) {
    const found = await request('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=${pageSize}&page=${page}`);
    items.push(...found);
    if (found.length < pageSize) return items;
  }
}

async function request(method, path, body) {
  const response = await fetch(GITHUB_API_URL + path, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${GITHUB_TOKEN}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.json();
  throw new Error(`${method} ${path}: ${response.status} ${(await response.text()).slice(0, 500)}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

main().catch((error) => {
  process.stderr.write(`error ${error.message}\n`);
  process.exitCode = 1;
});
