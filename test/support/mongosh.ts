import { runInThisContext } from 'node:vm';
import { BSON, type Db, type Document, type IndexSpecification } from 'mongodb';

/** Runs a mongosh command as it is printed, with a small part of mongosh. */
export async function runInMongosh(db: Db, command: string): Promise<void> {
  const shell = {
    runCommand: (sent: Document) => db.command(sent),
    createCollection: (name: string, options?: Document) => db.createCollection(name, options),
    getCollection: (name: string) => ({
      createIndex: (key: IndexSpecification, options: Document) => db.collection(name).createIndex(key, options, {}),
      deleteOne: (filter: Document) => db.collection(name).deleteOne(filter),
      drop: () => db.collection(name).drop(),
      dropIndex: (index: string) => db.collection(name).dropIndex(index),
      insertOne: (document: Document) => db.collection(name).insertOne(document),
      renameCollection: (to: string) => db.renameCollection(name, to),
      replaceOne: (filter: Document, document: Document) => db.collection(name).replaceOne(filter, document),
    }),
  };
  const run = runInThisContext(`(db, EJSON) => ${command}`) as (db: typeof shell, EJSON: typeof BSON.EJSON) => unknown;
  await run(shell, BSON.EJSON);
}

/** Runs the mongosh commands in a text, each on a separate line. Returns their number. */
export async function runShownCommands(db: Db, text: string): Promise<number> {
  const commands = text.split('\n').flatMap((line) => /^\s*(?:mongosh:\s+)?(db\..+)$/.exec(line)?.[1] ?? []);
  for (const command of commands) await runInMongosh(db, command);
  return commands.length;
}
