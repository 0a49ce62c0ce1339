import { newClient } from '../database/client';
import { printable } from '../support/printable';
import { reportOf } from '../support/schema-error';
import { MongoUrl } from '../support/mongo-url';
import type { TrialReport } from './report';
import { tryMigration, type TrialOptions } from './trial';

/** The messages to this process: first the URL of the server, then the only task. */
export type TrialOrder =
  | { readonly url: string }
  | (Omit<TrialOptions, 'onStage'> & {
      readonly database: string;
      /** Whether to restore the database to its earlier state. */
      readonly isKept: boolean;
    });

export type TrialAnswer =
  | { readonly stage: string }
  | { readonly report: TrialReport }
  /** The last message: whether the database has the schema of the predecessors again. */
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

// A separate process for each trial: a loaded file cannot be loaded again, and a process can be ended when a migration hangs.
process.on('message', (order: TrialOrder) => {
  if (!('url' in order)) {
    void work(order);
    return;
  }
  client = newClient(new MongoUrl(order.url));
  // Connect before a task arrives. If connecting fails, the task fails.
  client.connect().catch(() => undefined);
});
// Ctrl-C in a terminal reaches every process. The parent process decides when to end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) => {
  process.stderr.write(`a promise of the migration was rejected, and nothing awaited it: ${say(error)}\n`);
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
