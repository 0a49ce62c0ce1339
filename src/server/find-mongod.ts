import { ServerError, messageOf } from './errors';
import * as ways from './ways';
import type { FoundMongod, Way, WayContext } from './ways';

export type { FoundMongod };

/** The ways to a mongod 7.x in order: first what is on this machine already, so that nothing is fetched twice. */
const ORDER: readonly Way[] = [ways.onPath, ways.downloadedBefore, ways.installedBefore, ways.download, ways.install];

const WARNING_6 =
  'warning: this is mongod 6.0.5, another major version than the 7.0 that the schema is made for: messages, defaults ' +
  'and commands new in 7.0 differ, and so may results';

const WHAT_TO_DO = [
  'What to do, any one of these:',
  '  - set MONGODB_URL to a MongoDB 7.0 that runs (TEST_MONGODB_URL for the tests)',
  '  - install MongoDB 7.0, or set MONGOD to the path of a mongod 7.x (or unset it, when it is what failed)',
  '  - allow this machine to download once, or run scripts/install_mongod.sh yourself (as root where it has to install Wine)',
];

/**
 * The first mongod that can be had. MONGOD alone decides when it is set: an explicit wish is not passed over.
 * @throws ServerError NO_SERVER that lists each way, why it failed, and what to do
 */
export async function findMongod(context: Partial<WayContext> = {}): Promise<FoundMongod> {
  const { env = process.env, report = reportOnStderr } = context;
  const tried: string[] = [];
  for (const way of env['MONGOD'] ? [ways.named] : ORDER) {
    try {
      return await way.find({ env, report });
    } catch (error) {
      tried.push(`  - ${way.name}: ${messageOf(error)}`);
    }
  }
  if (!env['MONGOD']) {
    const last = await version6({ env, report }, tried);
    if (last !== undefined) return last;
  }
  // The cache is looked at before the same way is tried in full: one line for both.
  const lines = tried.filter((line) => !line.endsWith('not in the cache'));
  throw new ServerError('NO_SERVER', ['No mongod could be had. Tried:', ...lines, ...WHAT_TO_DO].join('\n'));
}

async function version6(context: WayContext, tried: string[]): Promise<FoundMongod | undefined> {
  if (runsInCI(context.env)) {
    tried.push(`  - ${ways.install6.name}: CI accepts 7.0 only (CI is set)`);
    return undefined;
  }
  try {
    const mongod = await ways.install6.find(context);
    context.report(WARNING_6);
    return mongod;
  } catch (error) {
    tried.push(`  - ${ways.install6.name}: ${messageOf(error)}`);
    return undefined;
  }
}

/** Whether CI is set to anything but a plain no. */
export function runsInCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}

function reportOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
