import { isDataStep, type Migration } from './types';

/** The last word of the migrations on the query that each index is there for, by `collection.index`. */
export function purposesOf(migrations: readonly Pick<Migration, 'steps'>[]): ReadonlyMap<string, string> {
  const purposes = new Map<string, string>();
  for (const step of migrations.flatMap(({ steps }) => steps.flatMap((one) => (isDataStep(one) ? [] : [one])))) {
    for (const [index, purpose] of Object.entries(step.serves ?? {})) purposes.set(index, purpose);
    for (const { kind, from, to } of step.changes) {
      if (kind !== 'collection.name') continue;
      const old = `${String(from)}.`;
      for (const [index, purpose] of [...purposes]) {
        if (index.startsWith(old)) purposes.set(`${String(to)}.${index.slice(old.length)}`, purpose);
      }
    }
  }
  return purposes;
}
