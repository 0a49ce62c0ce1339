import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, runSchema } from '../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

const validator = (properties: string) => `{ $jsonSchema: { bsonType: 'object', properties: ${properties} } }`;
const withRules = (collection: string, properties: string) =>
  `createCollections('${collection}'), addValidator('${collection}', ${validator(properties)})`;

let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    people: withRules('people', "{ name: { bsonType: 'string', maxLength: 9 } }"),
    'blog-posts': withRules('blog_posts', "{ author: { bsonType: 'objectId' } }"),
    pages: "createCollections('pages')",
  });
});
afterAll(() => project.remove());
beforeEach(() => rm(project.path('out'), { recursive: true, force: true }));

const out = () => project.path('out');
const exported = (...args: string[]) => runSchema(project, ['export', ...args]);
const filesIn = async (folder = out()) => (await readdir(folder)).sort();

describe('export', () => {
  it('writes a JSON Schema for each collection that has a validator, and says which', async () => {
    const { exitCode, stdout } = await exported('--format', 'json-schema', '--out', out());
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `written   blog_posts.schema.json\nwritten   people.schema.json\nThe folder is ${out()}.\n`,
    });
    expect(await filesIn()).toEqual(['blog_posts.schema.json', 'people.schema.json']);
    expect(JSON.parse(await project.read('out', 'blog_posts.schema.json'))).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: expect.stringMatching(/^urn:[\w-]+:blog_posts$/) as string,
      title: 'BlogPost',
      description: expect.stringContaining('blog_posts') as string,
      properties: { author: { $ref: '#/$defs/objectId' } },
    });
  });

  it('says with --json what it did', async () => {
    const args = ['--format', 'json-schema', '--out', out(), '--json'];
    const names = ['blog_posts.schema.json', 'people.schema.json'];
    const [, , newest] = project.names;
    const about = { format: 'json-schema', at: newest, folder: out() };
    expect(documentOf(await exported(...args))).toEqual({ ...about, written: names, unchanged: [], removed: [] });
    expect(documentOf(await exported(...args))).toEqual({ ...about, written: [], unchanged: names, removed: [] });
    const { stdout } = await exported('--format', 'json-schema', '--out', out());
    expect(stdout).toBe(`${out()} is up to date: 2 files.\n`);
  });

  it('writes the models in Python with what they run by, each with the line that marks it', async () => {
    expect(await exported('--format', 'pydantic', '--out', out())).toMatchObject({ exitCode: 0 });
    expect(await filesIn()).toEqual([
      '__init__.py',
      'bson_equality.py',
      'codec.py',
      'documents.py',
      'models.py',
      'values.py',
    ]);
    for (const name of await filesIn()) expect(await project.read('out', name)).toContain('Generated from the migr');
    expect(await project.read('out', 'models.py')).toMatch(/^class BlogPost\(/m);
  });

  it('prints what is one file where no folder is named', async () => {
    const { exitCode, stdout } = await exported('--format', 'typescript');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\/\/ Generated .*\n\nimport type { ObjectId } from 'mongodb';\n/);
    expect(stdout).toContain('export interface BlogPost {\n  _id: unknown;\n  author?: ObjectId;\n}');
    expect(await exported('--format', 'typescript', '--out', out())).toMatchObject({ exitCode: 0 });
    expect(await project.read('out', 'documents.ts')).toBe(stdout);
  });

  it('ends 64 without a folder where there are several files, which --json prints', async () => {
    const { exitCode, stderr } = await exported('--format', 'json-schema');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('✖ The 2 files of json-schema need a folder (USAGE)\n  fix    name the folder with --out');
    const { files } = documentOf(await exported('--format', 'json-schema', '--json')) as { files: { name: string }[] };
    expect(files.map(({ name }) => name)).toEqual(['blog_posts.schema.json', 'people.schema.json']);
  });

  it('writes the schema as it was at a migration, and removes what is left over', async () => {
    await exported('--format', 'json-schema', '--out', out());
    await exported('--format', 'typescript', '--out', out());
    await project.write('out/notes.schema.json', '{ "title": "written by hand" }');
    const { stdout } = await exported('--format', 'json-schema', '--at', 'people', '--out', out());
    expect(stdout).toBe(
      `removed   blog_posts.schema.json\nThe folder is ${out()}. Files that were already up to date: 1.\n`,
    );
    expect(await filesIn()).toEqual(['documents.ts', 'notes.schema.json', 'people.schema.json']);
    expect(documentOf(await exported('--format', 'typescript', '--at', 'empty', '--json'))).toMatchObject({ at: null });
  });

  it.each<[string, string[], string[]]>([
    ['a typo in --format', ['--format', 'jsonschema'], ['did you mean json-schema?']],
    ['a format that there is not', ['--format', 'go'], ['Allowed choices are json-schema, pydantic, typescript']],
    ['no format', [], ["'--format <format>' not specified"]],
    [
      'a typo in --at',
      ['--format', 'typescript', '--at', 'poeple'],
      ['There is no migration "poeple"', 'did you mean'],
    ],
    ['what is no migration', ['--format', 'typescript', '--at', 'live'], ['`live` is not a migration']],
  ])('ends 64 for %s', async (_, args, words) => {
    const { exitCode, stdout, stderr } = await exported(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    for (const word of words) expect(stderr).toContain(word);
  });

  it('writes nothing at all when a file in the way is not its own', async () => {
    await mkdir(out());
    await writeFile(project.path('out', 'people.schema.json'), '{}');
    await symlink(project.path('migrations'), project.path('out', 'blog_posts.schema.json'));
    const { exitCode, stderr } = await exported('--format', 'json-schema', '--out', out());
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/✖ blog_posts.schema.json, people.schema.json in \S+ was not made by an export, so nothing/);
    expect(await project.read('out', 'people.schema.json')).toBe('{}');
    expect(await filesIn()).toEqual(['blog_posts.schema.json', 'people.schema.json']);
  });

  it('says so when the folder is none, and leaves nothing beside', async () => {
    await writeFile(out(), 'a file');
    const { exitCode, stderr } = await exported('--format', 'typescript', '--out', out());
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/✖ \S+ is not writable \(USAGE\)\n {2}why {4}ENOTDIR/);
  });

  it('leaves each file whole when it cannot go on', async () => {
    await exported('--format', 'pydantic', '--out', out(), '--at', 'people');
    const before = await project.read('out', 'models.py');
    // Where the new text would be written beside the old one, there is a folder.
    await mkdir(project.path('out', `.models.py.${process.pid}.tmp`));
    expect(await exported('--format', 'pydantic', '--out', out())).toMatchObject({ exitCode: 64 });
    expect(await project.read('out', 'models.py')).toBe(before);
  });

  it('ends 1 for a validator that cannot be told, and names the place', async () => {
    const name = 'migrations/20260104000000-votes.ts';
    await project.write(name, migrationText(withRules('votes', "{ weight: { bsonType: 'decimal' } }")));
    for (const [format, what] of [
      ['json-schema', 'JSON Schema'],
      ['pydantic', 'model in Python'],
      ['typescript', 'type in TypeScript'],
    ] as const) {
      const { exitCode, stdout, stderr } = await exported('--format', format, '--out', out());
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain(`✖ No ${what} can be generated for votes (MODELS)\n  why    votes.weight has bsonType:`);
    }
    await expect(filesIn()).rejects.toThrow('ENOENT');
    await rm(project.path(name));
  });
});
