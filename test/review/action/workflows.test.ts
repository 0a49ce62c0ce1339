import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (name: string) => readFile(path.resolve(__dirname, '../../../.github', name), 'utf8');

describe('The workflow that runs the code of a pull request', () => {
  it('has no secrets and no right to write', async () => {
    const text = await read('workflows/schema-report.yml');
    expect(text).toMatch(/\npermissions:\n {2}contents: read\n\n/);
    expect(text).not.toMatch(/secrets\.|: write|pull_request_target|token:/);
    expect(text).toContain('persist-credentials: false');
  });
});

describe('The workflow that may write comments', () => {
  it('follows the other one by its name, and checks out nothing but the default branch', async () => {
    const [build, post] = await Promise.all([
      read('workflows/schema-report.yml'),
      read('workflows/schema-report-comment.yml'),
    ]);
    expect(post).toContain(`workflows: [${/^name: (.*)$/m.exec(build)?.[1] ?? '?'}]`);
    expect(post).not.toMatch(/ref:|head_sha|npm |pull_request_target/);
  });

  it('runs no step that installs or runs a package', async () => {
    const action = await read('actions/schema-report/action.yml');
    const steps = action.split(/\n {4}- /).slice(1);
    expect(steps.length).toBeGreaterThan(4);
    for (const step of steps) {
      expect(step).toMatch(/^if: inputs\.do == '(?:build|post)'\n/);
      if (step.startsWith("if: inputs.do == 'post'")) expect(step).not.toMatch(/\b(?:npm|npx|bash -c|eval)\b/);
      // A value of the event in a script would be code.
      if (step.includes('run: ')) expect(step.split('run: ')[1]).not.toContain('${{');
    }
  });
});
