import type { Db } from 'mongodb';
import type { Step } from '../../src/migration';
import { runSteps } from './run-steps';

const killed = new Error('killed');

/**
 * Runs steps on the same documents repeatedly. Each time it stops them before another write, and then runs them to the end.
 * @param check called at the end of each run
 * @returns the number of writes of an uninterrupted run
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
