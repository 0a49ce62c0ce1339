import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { WrittenFile } from '../../src/author';
import { models } from '../models';
import { Source } from './edit';
import { namesFor, type CollectionNames } from './names';
import { modelText, seederText } from './texts';

/** Changes an existing source file. */
type Edit = (source: Source, names: CollectionNames) => Source;

const edits: Readonly<Record<string, Edit>> = {
  'models/models.ts': (source, { collection, model, modelFile }) =>
    source
      .addImport(`${model}Schema`, `./${modelFile}`)
      .addLine(`  ${collection}: ${model}Schema,`, { after: 'export const models = {', before: '} as const;' }),
  'models/new-models.ts': (source, { collection, type, modelFile }) =>
    source.addImport(`new${type}Schema`, `./${modelFile}`).addLine(`  ${collection}: new${type}Schema,`, {
      after: 'export const newModels = {',
      before: '} as const satisfies Record<CollectionName, z.ZodObject>;',
    }),
  'models/index.ts': (source, { modelFile }) => source.addExport(`./${modelFile}`),
  'models/relations.ts': (source, { collection }) =>
    source.addLine(`  { from: '${collection}.user_id', to: 'users' },`, {
      after: 'export const relations = [',
      before: '] as const satisfies readonly Relation[];',
    }),
  'seeders/seeders.ts': (source, { seeder, seederFile }) =>
    source
      .addImport(seeder, `./${seederFile}`)
      .addLine(`  ${seeder},`, { after: 'export const seeders: readonly Seeder[] = [', before: '];' }),
  'docker/mongo-init.js': addToRoles,
  'test/support/samples.ts': (source, { collection }) =>
    source.addLine(`  ${collection}: () => ({ user_id: id(), created_at: at() }),`, {
      after: 'const samples: Samples = {',
      before: '};',
    }),
};

/** Returns the files that name the fields of an existing collection: its model, its seeder, and the samples of the tests. */
export function filesOfFields(root: string, collection: string): string[] {
  if (!Object.hasOwn(models, collection)) return [];
  const { modelFile, seederFile } = namesFor(collection);
  return [`models/${modelFile}.ts`, `seeders/${seederFile}.ts`, 'test/support/samples.ts']
    .map((name) => path.join(root, name))
    .filter((file) => existsSync(file));
}

/** Adds a name to the list that defines the roles. Only the administrator may use a collection or view that is not in the list. */
function addToRoles(source: Source, { collection }: Pick<CollectionNames, 'collection'>): Source {
  return source.addLine(`  '${collection}',`, { after: 'const collections = [', before: '];', sorted: true });
}

/**
 * Returns the file that a view, or a collection without a model, needs in addition to its migration: the list that defines the roles.
 * @throws error with code `USAGE` when the list is not found
 */
export function filesOfName(root: string, collection: string): WrittenFile[] {
  const name = 'docker/mongo-init.js';
  return [editedFile(root, name, (source) => addToRoles(source, { collection }))];
}

function editedFile(root: string, name: string, edit: (source: Source) => Source): WrittenFile {
  const file = path.join(root, name);
  const source = new Source(name, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
  return { file, text: String(edit(source)), isNew: false };
}

/**
 * Returns the files that a new collection needs in addition to its migration: a model, a seeder, and an entry in every list of collections.
 * @param root the folder of the project
 * @throws error with code `USAGE` for a name that is not valid in code, or when a list is not found
 */
export function filesOfCollection(root: string, collection: string): WrittenFile[] {
  const names = namesFor(collection);
  const edited = Object.entries(edits).map(([name, edit]) => editedFile(root, name, (source) => edit(source, names)));
  return [
    { file: path.join(root, 'models', `${names.modelFile}.ts`), text: modelText(names), isNew: true },
    { file: path.join(root, 'seeders', `${names.seederFile}.ts`), text: seederText(names), isNew: true },
    ...edited,
  ];
}
