import { reasonOf, SchemaError } from '../support/schema-error';
import { runsInCI } from '../support/process-env';
import * as sources from './mongod-sources';
import type { FoundMongod, Source, SourceContext } from './mongod-sources';
import { shownScript } from '../support/package-root';
import { processEnv } from '../support/process-env';

export type { FoundMongod };

/** The order of the search for a mongod 7.x. Sources on this machine come first, so that nothing is downloaded twice. */
const ORDER: readonly Source[] = [
  sources.onPath,
  sources.downloadedBefore,
  sources.installedBefore,
  sources.download,
  sources.install,
];

const WARNING_6 =
  'warning: this is mongod 6.0.5, but the schema is made for 7.0: messages, defaults ' +
  'and commands differ between the two, so results may differ too';

const whatToDo = () =>
  [
    'set MONGODB_URL to a running MongoDB 7.0 (TEST_MONGODB_URL for the tests)',
    'or install MongoDB 7.0, or set MONGOD to the path of a mongod 7.x (or unset MONGOD, if it names an unsuitable mongod)',
    `or give this machine access to the network once, so that a mongod can be downloaded, or run ${shownScript('install_mongod.sh')} yourself (as root if the script has to install Wine)`,
  ].join('\n');

export interface FindOptions {
  /** The environment variables. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Receives messages for the person who runs the command, one line per call. By default, they are printed to stderr. */
  readonly report?: SourceContext['report'];
}

/**
 * Returns the first mongod that is found. When the environment variable MONGOD is set, no other source is tried.
 * @throws error with code `NO_SERVER` that lists each source and why it failed
 */
export async function findMongod({
  env = processEnv(),
  report = reportOnStderr,
}: FindOptions = {}): Promise<FoundMongod> {
  const tried: string[] = [];
  for (const source of env['MONGOD'] ? [sources.named] : ORDER) {
    try {
      return await source.find({ env, report });
    } catch (error) {
      // Sources throw plain errors. Each error becomes a line of the reason.
      tried.push(`${source.name}: ${reasonOf(error)}`);
    }
  }
  if (!env['MONGOD']) {
    const last = await version6({ env, report }, tried);
    if (last !== undefined) return last;
  }
  // The search first looks for earlier downloads and installations in the caches. Only if that fails, it downloads or installs a mongod.
  // The lines about the caches are not shown.
  const lines = tried.filter((line) => !line.endsWith('not in the cache'));
  throw new SchemaError('NO_SERVER', 'No mongod was found', { why: lines, fix: whatToDo() });
}

async function version6(context: SourceContext, tried: string[]): Promise<FoundMongod | undefined> {
  if (runsInCI(context.env)) {
    tried.push(`${sources.install6.name}: CI accepts 7.0 only (CI is set)`);
    return undefined;
  }
  try {
    const mongod = await sources.install6.find(context);
    context.report(WARNING_6);
    return mongod;
  } catch (error) {
    tried.push(`${sources.install6.name}: ${reasonOf(error)}`);
    return undefined;
  }
}

function reportOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
