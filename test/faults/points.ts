import type { Direction } from '../../src/migration';
import { uniqueName } from '../support/database';
import { startProxy, type SentCommand, type Treat } from '../support/proxy';
import { runFixture } from './fixture';

/** A command of a run: its kind, and how many like it came before. Some are sent side by side, in any order. */
export interface Point {
  /** `collMod stamps`. */
  readonly kind: string;
  /** From 1. */
  readonly occurrence: number;
}

export function describePoint({ kind, occurrence }: Point): string {
  return `${kind} #${occurrence}`;
}

const reading = new Set(['aggregate', 'buildInfo', 'find', 'hello', 'listCollections', 'listIndexes']);

/** Whether a command of the fixture may change something on the server. */
export function writes({ kind }: Point): boolean {
  return !reading.has(kind.split(' ')[0] ?? '');
}

/** Tells each command of a run, as it comes, which point it is. */
function pointTeller(): (command: SentCommand) => Point {
  const counts = new Map<string, number>();
  return ({ name, collection }) => {
    const kind = `${name} ${collection}`.trim();
    const occurrence = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, occurrence);
    return { kind, occurrence };
  };
}

/** Treats the command at a point, and leaves the others alone. */
export function treatAt(point: Point, treat: Treat): Treat {
  const tell = pointTeller();
  return (command): ReturnType<Treat> =>
    describePoint(tell(command)) === describePoint(point) ? treat(command) : undefined;
}

/** The commands that every run in a direction sends, in the order of one of them. */
export async function recordPoints(url: string, direction: Direction): Promise<Point[]> {
  const [first = [], ...others] = await Promise.all([1, 2, 3].map(() => recordOnce(url, direction)));
  // Questions that are asked at the same time share one answer, so one run may ask a few more than another.
  const known = others.map((points) => new Set(points.map(describePoint)));
  return first.filter((point) => known.every((points) => points.has(describePoint(point))));
}

async function recordOnce(url: string, direction: Direction): Promise<Point[]> {
  const database = uniqueName();
  if (direction === 'down') await runFixture(url, database, 'up');
  const points: Point[] = [];
  const tell = pointTeller();
  const proxy = await startProxy(url, (command): undefined => {
    points.push(tell(command));
  });
  await runFixture(proxy.url, database, direction);
  await proxy.close();
  return points;
}
