/** One of many generated migrations: a new collection, or one index of a collection. */
export interface Step {
  /** The description in the name of the migration. */
  readonly name: string;
  readonly collection: string;
  /** The field of the index. Undefined for a step that creates the collection. */
  readonly field?: string;
}

/** Returns steps in order: every tenth step creates a collection, and the steps after it create an index in this collection. */
export function stepsOf(count: number): Step[] {
  return Array.from({ length: count }, (_, at) => {
    const collection = `c${Math.floor(at / 10)}`;
    return { name: `step_${at}`, collection, ...(at % 10 > 0 && { field: `f${at}` }) };
  });
}

/** Returns the text of each migration by its file name. The names have time stamps, in order. */
export function filesOf(
  steps: readonly Step[],
  extension: string,
  text: (step: Step) => string,
): Record<string, string> {
  return Object.fromEntries(steps.map((step, at) => [`${stampOf(at)}-${step.name}.${extension}`, text(step)]));
}

/** Returns a time stamp of 14 digits: the start of 2026 plus `at` seconds. */
export function stampOf(at: number): string {
  return new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** Returns a step as a verb of this tool. */
export function verbOf({ collection, field }: Step): string {
  if (field === undefined) return `createCollections('${collection}')`;
  return `createIndexes('${collection}', [{ ${indexOf(field)}, serves: 'a bench' }])`;
}

/** Returns a step for this tool in JavaScript. `verbs` is the module with the verbs. */
export function ownScript(step: Step, verbs: string): string {
  return (
    `const { createCollections, createIndexes, migration } = require(${JSON.stringify(verbs)});\n` +
    `exports.default = migration(__filename, ${verbOf(step)});\n`
  );
}

/** Returns a step as calls of the driver, up and down. */
export function driverCalls({ collection, field }: Step): { readonly up: string; readonly down: string } {
  if (field === undefined) {
    return { up: `db.createCollection('${collection}')`, down: `db.dropCollection('${collection}')` };
  }
  return {
    up: `db.collection('${collection}').createIndexes([{ ${indexOf(field)} }])`,
    down: `db.collection('${collection}').dropIndex('${field}_1')`,
  };
}

/** Returns a step for migrate-mongo in JavaScript. */
export function plainScript(step: Step): string {
  const { up, down } = driverCalls(step);
  return `module.exports = { up: async (db) => { await ${up}; }, down: async (db) => { await ${down}; } };\n`;
}

function indexOf(field: string): string {
  return `name: '${field}_1', key: { ${field}: 1 }`;
}
