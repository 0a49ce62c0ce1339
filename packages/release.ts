import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkout, pythonVersion, readCheckout } from './manifests';

/** The inputs of a release. */
export interface Candidate {
  /** The tag of the release: `v1.2.0`. */
  readonly tag: string;
  /** The contents of package.json. */
  readonly version: string;
  readonly repository?: unknown;
  readonly changelog: string;
  /** python/pyproject.toml */
  readonly python: string;
}

/** Returns the problems that prevent a release, each with the fix. */
export function releaseProblems({ tag, version, repository, changelog, python }: Candidate): string[] {
  const problems: string[] = [];
  if (tag !== `v${version}`) {
    problems.push(
      `the tag is ${tag}, but package.json has version ${version}: use the tag v${version}, or correct the version`,
    );
  }
  if (pythonVersion(python) !== version) {
    problems.push(`the version in python/pyproject.toml is not ${version}: write ${version} there too`);
  }
  if (notesFor(version, changelog) === '') {
    problems.push(`CHANGELOG.md has nothing under "## ${version}": rename "## Unreleased" to it`);
  }
  if (repository === undefined) {
    problems.push(
      'package.json has no repository: add it, because npm compares it with the repository that builds the packages',
    );
  }
  if (python.includes('Private :: Do Not Upload')) {
    problems.push('python/pyproject.toml is marked as private: remove the classifier, or PyPI refuses the package');
  }
  return problems;
}

/** Returns the section of a version in the changelog. */
export function notesFor(version: string, changelog: string): string {
  const lines = changelog.split('\n');
  const begin = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (begin < 0) return '';
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => line.startsWith('## '));
  return (end < 0 ? rest : rest.slice(0, end)).join('\n').trim();
}

/** `npm run --silent release:notes -- TAG`: prints the release notes, or the problems that prevent the release. */
function main([tag = '']: readonly string[]): void {
  const read = (...names: string[]) => readFileSync(path.join(checkout, ...names), 'utf8');
  const { version, repository } = readCheckout();
  const changelog = read('CHANGELOG.md');
  const problems = releaseProblems({
    tag,
    version,
    repository,
    changelog,
    python: read('python', 'pyproject.toml'),
  });
  if (problems.length > 0) {
    console.error(`The release is not possible:\n${problems.map((problem) => `- ${problem}\n`).join('')}`);
    process.exitCode = 1;
    return;
  }
  console.log(notesFor(version, changelog));
}

if (require.main === module) main(process.argv.slice(2));
