import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from './support/project-folder';

let folder = '';
const at = (...names: string[]) => path.join(folder, ...names);
const cache = () => at('node_modules', '.cache', 'quick-start');

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'quick-start-')));
  await mkdir(at('node_modules'));
  for (const name of await readdir(path.join(projectFolder, 'node_modules'))) {
    if (name !== '.cache') await symlink(path.join(projectFolder, 'node_modules', name), at('node_modules', name));
  }
  for (const name of ['scripts/quick-start.js', 'tsconfig.json'])
    await cp(path.join(projectFolder, name), at(name), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = () =>
  execa('node', ['-r', './scripts/quick-start.js', 'program.ts'], { cwd: folder, reject: false, all: true });

/** The first start compiles; the second takes what the first has kept. */
async function startTwice(program: string): Promise<string[]> {
  await writeFile(at('program.ts'), program);
  return [(await start()).all, (await start()).all];
}

describe('A program that was compiled before', () => {
  it('runs as it did, and an edit counts at once', async () => {
    const program =
      'const words: string[] = ["one"];\nconsole.log(words.join(), require.main === module, __filename);\n';
    const said = `one true ${at('program.ts')}`;
    expect(await startTwice(program)).toEqual([said, said]);
    expect((await readdir(cache())).length).toBeGreaterThan(0);
    expect(await startTwice(program.replace('"one"', '"two"'))).toEqual(
      [said, said].map((x) => x.replace('one', 'two')),
    );
  });

  it('loads modules, also by import(), and packages that are ECMAScript modules', async () => {
    const program =
      'import { faker } from "@faker-js/faker";\nimport { MongoClient } from "mongodb";\n' +
      'void import("node:os").then(({ EOL }) => console.log(EOL.length, typeof faker.seed, MongoClient.name));\n';
    expect(await startTwice(program)).toEqual(['1 function MongoClient', '1 function MongoClient']);
  });

  it('names the lines of its source in a stack', async () => {
    const program =
      'interface One {\n  a: string;\n}\n\ntype Two = One;\nfunction fail(_: Two): never {\n  throw new Error("no");\n}\nfail({ a: "" });\n';
    for (const output of await startTwice(program)) {
      expect(output).toContain(`at fail (${at('program.ts')}:7:9)`);
      expect(output).toContain(`${at('program.ts')}:9:1`);
    }
  });

  it('refuses a file of a package of modules, which ts-node would not compile as one', async () => {
    await mkdir(at('modules'));
    await writeFile(at('modules', 'package.json'), '{ "type": "module" }');
    await writeFile(at('modules', 'one.ts'), 'console.log("here");\n');
    for (const output of await startTwice('require("./modules/one.ts");\n')) {
      expect(output).toContain(`${at('modules', 'one.ts')} cannot be required`);
    }
  });

  it('starts where nothing can be kept, and where what is kept is damaged', async () => {
    await mkdir(at('node_modules', '.cache'));
    await writeFile(cache(), 'a file in the place of the folder');
    expect(await startTwice('console.log("here");\n')).toEqual(['here', 'here']);
    await rm(cache());
    await startTwice('console.log("here");\n');
    const all = await readdir(cache(), { recursive: true, withFileTypes: true });
    const compiled = all.filter((entry) => entry.isFile() && !entry.name.endsWith('.js'));
    expect(compiled.length).toBeGreaterThan(0);
    for (const { parentPath, name } of compiled) {
      const data = await readFile(path.join(parentPath, name));
      await writeFile(path.join(parentPath, name), data.subarray(0, data.length / 2));
    }
    expect((await start()).all).toBe('here');
  });
});
