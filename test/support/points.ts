import type { SentCommand, Treat } from './proxy';

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

/** Gives each command of a run, as it comes, its point. */
export function pointCounter(): (command: SentCommand) => Point {
  const counts = new Map<string, number>();
  return (command) => {
    const kind = isRenewal(command) ? renewal : `${command.name} ${command.collection}`.trim();
    const occurrence = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, occurrence);
    return { kind, occurrence };
  };
}

const renewal = 'renewal of the lease';

/** The only update of the lease that lets the server compute what it sets. */
function isRenewal({ name, collection, body }: SentCommand): boolean {
  const [update] = (body['updates'] ?? []) as { u?: unknown }[];
  return name === 'update' && collection === 'schema_lock' && Array.isArray(update?.u);
}

/** Keeps the points of a run, but for renewals of its lease: how many of these there are depends on how long it takes. */
export function pointRecorder(): {
  readonly points: readonly Point[];
  readonly record: (command: SentCommand) => undefined;
} {
  const points: Point[] = [];
  const toPoint = pointCounter();
  const record = (command: SentCommand): undefined => {
    const point = toPoint(command);
    if (point.kind !== renewal) points.push(point);
  };
  return { points, record };
}

/** Treats the command at a point, and leaves the others alone. */
export function treatAt(point: Point, treat: Treat): Treat {
  const toPoint = pointCounter();
  return (command): ReturnType<Treat> =>
    describePoint(toPoint(command)) === describePoint(point) ? treat(command) : undefined;
}
