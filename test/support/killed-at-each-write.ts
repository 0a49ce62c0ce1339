import type { Db } from 'mongodb';
import type { Step } from '../../src/migration';
import { runSteps } from './run-steps';

const killed = new Error('killed');

/**
 * Runs steps from the same documents again and again, each time stopped before another write, and then once more to the end.
 * @param check is called at the end of each.
 * @returns how many writes a run has that nobody stops.
 */
export async function killAtEachWrite(
  db: Db,
  steps: readonly Step[],
  direction: 'up' | 'down',
  { fill, check }: { readonly fill: () => Promise<unknown>; readonly check: () => Promise<void> },
): Promise<number> {
  for (let writes = 0; ; writes++) {
    await db.collection('schema_checkpoints').deleteMany({});
    await fill();
    let asked = 0;
    const guard = () => (++asked > writes ? Promise.reject(killed) : Promise.resolve());
    const wasKilled = await runSteps(db, steps, direction, { guard, allowDataLoss: true }).then(
      () => false,
      (error: unknown) => {
        if (error !== killed) throw error;
        return true;
      },
    );
    if (wasKilled) await runSteps(db, steps, direction, { allowDataLoss: true });
    await check();
    if (!wasKilled) return writes;
  }
}
