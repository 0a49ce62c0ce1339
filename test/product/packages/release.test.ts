import { describe, expect, it } from 'vitest';
import { notesFor, releaseProblems, type Candidate } from '../../../packages/release';

const changelog =
  '# Changelog\n\n## 1.2.0\n\n- One thing.\n- Another.\n\n### What breaks\n\n- A third.\n\n## 1.1.0\n\n- Old.\n';
const good: Candidate = {
  tag: 'v1.2.0',
  version: '1.2.0',
  repository: { type: 'git', url: 'git+https://github.com/owner/name.git' },
  changelog,
  python: '[project]\nname = "x"\nversion = "1.2.0"\n',
};

describe('A release', () => {
  it('has nothing against it when all that it is made from fits together', () => {
    expect(releaseProblems(good)).toEqual([]);
  });

  it.each<[what: string, change: Partial<Candidate>, problem: RegExp]>([
    ['a tag of another version', { tag: 'v1.3.0' }, /tag is v1\.3\.0, .*version 1\.2\.0: use the tag v1\.2\.0/],
    [
      'another version in Python',
      { python: 'version = "1.1.0"\n' },
      /version in python\/pyproject\.toml is not 1\.2\.0/,
    ],
    ['no section in the changelog', { changelog: '## Unreleased\n\n- One thing.\n' }, /nothing under "## 1\.2\.0"/],
    ['an empty section', { changelog: '## 1.2.0\n\n## 1.1.0\n\n- Old.\n' }, /nothing under "## 1\.2\.0"/],
    ['a longer version in the changelog', { changelog: '## 1.2.01\n\n- x\n' }, /nothing under "## 1\.2\.0"/],
    ['no repository', { repository: undefined }, /has no repository/],
    ['a private package', { python: `${good.python}"Private :: Do Not Upload"` }, /marked as private/],
  ])('is refused with %s', (_what, change, problem) => {
    expect(releaseProblems({ ...good, ...change })).toEqual([expect.stringMatching(problem)]);
  });

  it('has the notes that stand under its version, up to the version before', () => {
    expect(notesFor('1.2.0', changelog)).toBe('- One thing.\n- Another.\n\n### What breaks\n\n- A third.');
    expect(notesFor('1.1.0', changelog)).toBe('- Old.');
  });
});
