import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { product } from '../../product';
import { createProgram } from '../../src/cli/run';
import { readConfig } from '../../src/database/environment';
import { projectFolder } from '../support/project-folder';

interface Template {
  readonly spec: {
    readonly securityContext: { readonly runAsUser: number; readonly runAsGroup?: number; readonly fsGroup: number };
    readonly containers: readonly {
      readonly command?: readonly string[];
      readonly args?: readonly string[];
      readonly ports?: readonly { readonly containerPort: number }[];
      readonly env: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
}
interface Job {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly template: Template };
}
interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly template: Template & { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  };
}
interface CronJob {
  readonly kind: string;
  readonly spec: { readonly concurrencyPolicy: string; readonly jobTemplate: { readonly spec: Job['spec'] } };
}

const folder = path.join(projectFolder, 'docs', 'kubernetes');

async function read(name: string): Promise<unknown> {
  const document = parseDocument(await readFile(path.join(folder, name), 'utf8'));
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}
const jobIn = async (name: string) => (await read(name)) as Job;

/** Looks whether a template runs a command that exists, as the user of the image it is for. */
async function check({ spec }: Template, target: string, wanted: string): Promise<void> {
  const dockerfile = await readFile(path.join(projectFolder, 'docker', 'Dockerfile'), 'utf8');
  const [, stage = ''] = dockerfile.split(` AS ${target}\n`);
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(stage) ?? [];
  const { runAsUser, runAsGroup = Number(group), fsGroup } = spec.securityContext;
  expect([runAsUser, runAsGroup, fsGroup]).toEqual([Number(user), Number(group), Number(group)]);
  for (const { command = ['schema'], args = [], env } of spec.containers) {
    const [first, verb, ...options] = [...command, ...args];
    expect([first, verb]).toEqual(['schema', wanted]);
    const { program } = createProgram(process, {}, product);
    const registered = program.commands.find((one) => one.name() === wanted);
    expect(registered?.parseOptions(options)).toEqual({ operands: [], unknown: [] });
    const variables = Object.fromEntries(env.map((one) => [one.name, one.value]));
    // All that is wrong with it here is that there is no such secret.
    expect(() => readConfig(variables)).toThrow(
      /invalid, so nothing was started \(USAGE\)\n {2}why {4}MONGODB_PASSWORD_FILE .*ENOENT/,
    );
  }
}

describe('The examples for Kubernetes', () => {
  it('are these, each of which is looked at below', () => {
    expect(readdirSync(folder).sort()).toEqual(['backup.yaml', 'helm-hook.yaml', 'job.yaml', 'metrics.yaml']);
  });

  it.each(['helm-hook.yaml', 'job.yaml'])('deploy as the user of the image: %s', async (name) => {
    const { kind, spec } = await jobIn(name);
    expect(kind).toBe('Job');
    await check(spec.template, 'migrator', 'deploy');
  });

  it('back up as the user of the image, one at a time', async () => {
    const { kind, spec } = (await read('backup.yaml')) as CronJob;
    expect([kind, spec.concurrencyPolicy]).toEqual(['CronJob', 'Forbid']);
    const { template } = spec.jobTemplate.spec;
    // The image's entrypoint is another one.
    expect(template.spec.containers[0]?.command?.[0]).toBe('schema');
    await check(template, 'backup', 'backup');
  });

  it('serve metrics as the user who owns the backups, on the port that Prometheus is told', async () => {
    const { kind, spec } = (await read('metrics.yaml')) as Deployment;
    expect(kind).toBe('Deployment');
    await check(spec.template, 'backup', 'health');
    const { annotations } = spec.template.metadata;
    const [container] = spec.template.spec.containers;
    expect(container?.ports?.map(({ containerPort }) => String(containerPort))).toEqual([
      annotations['prometheus.io/port'],
    ]);
  });

  it('differ in what makes one of them a hook, and in nothing that runs', async () => {
    const [job, hook] = [await jobIn('job.yaml'), await jobIn('helm-hook.yaml')];
    expect(hook.spec.template).toEqual(job.spec.template);
    expect(hook.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
  });
});
