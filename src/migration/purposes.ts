import { isDataStep, type Migration } from './types';

/** Returns the `serves` text of each index, by `collection.index`. If several migrations give a text, the last one counts. */
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
