import type { SentCommand, Treat } from './proxy';

/** Identifies a command of a run: its kind, and its number among commands of that kind. Some commands are sent in parallel, in any order. */
export interface Point {
  /** `collMod stamps`. */
  readonly kind: string;
  /** From 1. */
  readonly occurrence: number;
}

export function describePoint({ kind, occurrence }: Point): string {
  return `${kind} #${occurrence}`;
}

/** Returns a function that gives each command of a run its point, in order. */
export function pointCounter(): (command: SentCommand) => Point {
  const counts = new Map<string, number>();
  return (command) => {
    const name = asksSizes(command) ? sizes : command.name;
    const kind = isRenewal(command) ? renewal : `${name} ${command.collection}`.trim();
    const occurrence = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, occurrence);
    return { kind, occurrence };
  };
}

const renewal = 'renewal of the lease';

/** The name of an aggregate that reads the size of a collection. */
export const sizes = 'aggregate-sizes';

function asksSizes({ body }: SentCommand): boolean {
  const [stage] = (body['pipeline'] ?? []) as object[];
  return stage !== undefined && '$collStats' in stage;
}

/** Returns whether a command renews the lease: the only update of it that lets the server compute values. */
function isRenewal({ name, collection, body }: SentCommand): boolean {
  const [update] = (body['updates'] ?? []) as { u?: unknown }[];
  return name === 'update' && collection === 'schema_lock' && Array.isArray(update?.u);
}

/** Records the points of a run, except renewals of its lease, whose number depends on the duration. */
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

/** Treats the command at a point, and leaves all others alone. */
export function treatAt(point: Point, treat: Treat): Treat {
  const toPoint = pointCounter();
  return (command): ReturnType<Treat> =>
    describePoint(toPoint(command)) === describePoint(point) ? treat(command) : undefined;
}
