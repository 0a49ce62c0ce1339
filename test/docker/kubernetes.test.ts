import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { registerDeploy } from '../../src/commands/deploy';
import { readConfig } from '../../src/config';
import { projectFolder } from '../commands/project-copy';

interface Job {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: { readonly runAsUser: number };
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env: readonly { readonly name: string; readonly value: string }[];
        }[];
      };
    };
  };
}

const folder = path.join(projectFolder, 'docs', 'kubernetes');

async function jobIn(name: string): Promise<Job> {
  const document = parseDocument(await readFile(path.join(folder, name), 'utf8'));
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS() as Job;
}

describe('The examples for Kubernetes', () => {
  it.each(readdirSync(folder))('run a command that exists, as the user of the image: %s', async (name) => {
    const { kind, spec } = await jobIn(name);
    expect(kind).toBe('Job');
    const { containers, securityContext } = spec.template.spec;
    const dockerfile = await readFile(path.join(projectFolder, 'docker', 'Dockerfile'), 'utf8');
    expect(dockerfile).toContain(`USER ${securityContext.runAsUser}:`);
    for (const { args, env } of containers) {
      const program = new Command();
      registerDeploy(program);
      const [deploy] = program.commands;
      expect(args[0]).toBe(deploy?.name());
      expect(deploy?.parseOptions(args.slice(1))).toEqual({ operands: [], unknown: [] });
      const variables = Object.fromEntries(env.map((one) => [one.name, one.value]));
      // All that is wrong with it here is that there is no such secret.
      expect(() => readConfig(variables)).toThrow(
        /wrong, so nothing was started\.\n {2}MONGODB_PASSWORD_FILE .*ENOENT.*$/,
      );
    }
  });

  it('differ in what makes one of them a hook, and in nothing that runs', async () => {
    const [job, hook] = [await jobIn('job.yaml'), await jobIn('helm-hook.yaml')];
    expect(hook.spec.template).toEqual(job.spec.template);
    expect(hook.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
  });
});
