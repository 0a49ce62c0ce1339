import { newClient } from '../database/client';
import { printable } from '../support/printable';
import { reportOf } from '../support/schema-error';
import { MongoUrl } from '../support/mongo-url';
import type { TrialReport } from './report';
import { tryMigration, type TrialOptions } from './trial';

/** What this process is told: first the server, later, once, what to try. */
export type TrialOrder =
  | { readonly url: string }
  | (Omit<TrialOptions, 'onStage'> & {
      readonly database: string;
      /** Whether the database is to be brought back to where it was. */
      readonly isKept: boolean;
    });

export type TrialAnswer =
  | { readonly stage: string }
  | { readonly report: TrialReport }
  /** The last: whether the database holds again what the predecessors lead to. */
  | { readonly isMade: boolean };

let client: ReturnType<typeof newClient> | undefined;

const answer = (message: TrialAnswer) =>
  new Promise<void>((resolve) => {
    if (process.send) {
      process.send(message, () => {
        resolve();
      });
    }
  });

// A process of its own for each trial: a file that was loaded once would not be loaded anew, and one that hangs can be ended.
process.on('message', (order: TrialOrder) => {
  if (!('url' in order)) {
    void work(order);
    return;
  }
  client = newClient(new MongoUrl(order.url));
  // Connected before there is something to do; where it fails, the work fails.
  client.connect().catch(() => undefined);
});
// Ctrl-C in a terminal comes to every process; the one that started this one decides.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) => {
  process.stderr.write(`a promise of the migration was rejected, and nobody waited for it: ${say(error)}\n`);
});

async function work({ database, isKept, ...options }: Exclude<TrialOrder, { url: string }>): Promise<void> {
  if (!client) return;
  const onStage = (stage: string) => void answer({ stage });
  const { report, putBack } = await tryMigration(client.db(database), { ...options, onStage });
  await answer({ report });
  await answer({ isMade: isKept && (await putBack()) });
  process.exit();
}

function say(error: unknown): string {
  return printable(reportOf(error).summary);
}
