import { documentKeys, type Schema } from '../../src/schema';
import type { ProjectCopy } from '../cli/project-copy';
import { foldMigrations } from '../../src/migration';
import { productMigrations } from '../support/product';

const field = 'next_migration';
const collection = 'next_migration_notes';

/** Adds to a checkout what CONTRIBUTING.md tells, for an index, a collection and a data step; resolves to the new names. */
export async function addNextMigrations(checkout: ProjectCopy): Promise<string[]> {
  const migrations = productMigrations();
  const name = namesAfter(migrations.at(-1)?.name ?? '');
  const existing = someCollection(foldMigrations(migrations));
  const added = {
    [name('index')]: `createIndexes('${existing}', [
      { name: '${field}_1', key: { ${field}: 1 }, serves: 'what is next' },
    ])`,
    [name('collection')]: `createCollections('${collection}'),
    addValidator('${collection}', {
      $jsonSchema: {
        bsonType: 'object',
        required: ['text', 'created_at'],
        properties: {
          _id: { bsonType: 'objectId' },
          text: { bsonType: 'string', minLength: 1, maxLength: 200 },
          created_at: { bsonType: 'date' },
        },
      },
    }),
    createIndexes('${collection}', [{ name: 'created_at_1', key: { created_at: 1 }, serves: 'the newest notes' }])`,
    [name('data_step')]: `backfill('${existing}', {
      filter: { ${field}: { $exists: false } },
      update: { $set: { ${field}: 0 } },
      undo: { filter: { ${field}: 0 }, update: { $unset: { ${field}: '' } } },
    })`,
  };
  for (const [file, steps] of Object.entries(added)) {
    const verbs = 'addValidator, backfill, createCollections, createIndexes, migration'.split(', ');
    const used = verbs.filter((verb) => verb === 'migration' || steps.includes(`${verb}(`)).join(', ');
    const text = `import { ${used} } from '../src/migration';\n\n/** What comes next. */\nexport default migration(\n  __filename,\n  ${steps},\n);\n`;
    await checkout.write(`migrations/${file}`, text);
  }
  await nameInDocker(checkout);
  return Object.keys(added);
}

/** Names of migrations made a minute after each other, the first one after the newest that there is. */
function namesAfter(newest: string) {
  const [, year, month, day, hours, minutes] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)/.exec(newest)?.map(Number) ?? [];
  const start = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes);
  let count = 0;
  return (what: string) => {
    const at = new Date(start + ++count * 60_000).toISOString().replaceAll(/\D/g, '').slice(0, 14);
    return `${at}-next_${what}.ts`;
  };
}

/** A collection whose documents no migration owns: a data step that altered those would make the schema another one. */
function someCollection(schema: Schema): string {
  const [found] = [...documentKeys(schema)].find(([, keys]) => keys.length === 0) ?? [];
  if (found === undefined) throw new Error('every collection of the product holds reference documents');
  return found;
}

async function nameInDocker(checkout: ProjectCopy): Promise<void> {
  const script = await checkout.read('docker', 'mongo-init.js');
  const list = /(?<=^const collections = \[)[^\]]*(?=\];$)/m;
  const names = [...(list.exec(script)?.[0].matchAll(/\w+/g) ?? [])].map(String);
  const all = [...names, collection].sort().map((name) => `\n  '${name}',`);
  await checkout.write('docker/mongo-init.js', script.replace(list, `${all.join('')}\n`));
}
