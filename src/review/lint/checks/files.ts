import path from 'node:path';
import { isPlain } from '../../../migration';
import { importsOf } from '../imports';
import type { History, HistoryViolation, Subject, Violation } from '../types';

const allowed = /^(?:mongodb|(?:\.\.\/)+src\/migration(?:\/index)?)$/;
/** Where the verbs are, for migrations that lie in another project's folder. */
const verbs = path.resolve(__dirname, '..', '..', '..', 'migration');

export function* foreignImport({ text, migration }: Subject): Generator<Violation<{ module: string }>> {
  // What a plain one does is not known anyway, and it cannot be suppressed there.
  if (isPlain(migration)) return;
  for (const { module, line } of importsOf(text)) {
    if (allowed.test(module) || path.resolve(path.dirname(migration.file), module) === verbs) continue;
    yield {
      line,
      message: `It imports ${module}, whose meaning may change.`,
      names: { module },
    };
  }
}

export interface OrderNames {
  readonly name: string;
  /** The newest migration of the base; absent when the time stamp itself is none. */
  readonly newest?: string;
}

export function* outOfOrder({ migrations, base }: History): Generator<HistoryViolation<OrderNames>> {
  if (!base) return;
  const newest = [...base.names].sort().at(-1);
  for (const { name } of migrations.filter((migration) => !base.names.includes(migration.name))) {
    if (!isTime(name.slice(0, 14)))
      yield { migration: name, message: `${name.slice(0, 14)} is not a valid date and time.`, names: { name } };
    if (newest !== undefined && name < newest) {
      const message = `It comes before ${newest}, which is in ${base.label} already and may be applied.`;
      yield { migration: name, message, names: { name, newest } };
    }
  }
}

/** Clocks differ, and so do time zones, in which people may have read them. */
const aDay = 24 * 60 * 60 * 1000;

export function* futureDate({ migrations, base, now }: History): Generator<HistoryViolation<{ name: string }>> {
  for (const { name } of migrations) {
    const time = timeOf(name.slice(0, 14));
    if (base?.names.includes(name) || time === undefined || time.getTime() <= now.getTime() + aDay) continue;
    const message = `Its name says ${time.toISOString()}, which is more than a day ahead of now.`;
    yield { migration: name, message, names: { name } };
  }
}

function isTime(digits: string): boolean {
  return timeOf(digits) !== undefined;
}

/** The time (UTC) that fourteen digits name; undefined where they are no date and time of day. */
function timeOf(digits: string): Date | undefined {
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = new Date(iso);
  return !Number.isNaN(time.getTime()) && time.toISOString() === iso ? time : undefined;
}

export function* dependent({ migrations, base, dependencies }: History): Generator<HistoryViolation<{ on: string }>> {
  for (const { name } of migrations) {
    const on = dependencies.get(name)?.join(', ');
    if (on === undefined || base?.names.includes(name)) continue;
    yield { migration: name, message: `Its changes depend on ${on}.`, names: { on } };
  }
}

/** Each that is new against a base. Without one they are told of once: projects move in with many, which nobody can change. */
export function* plain({ migrations, base }: History): Generator<HistoryViolation<{ name: string }>> {
  const found = migrations.filter((migration) => isPlain(migration) && !base?.names.includes(migration.name));
  const [last] = found.slice(-1);
  if (!last) return;
  for (const { name } of base ? found : [last]) {
    const others = base || found.length === 1 ? '' : ` Plain migrations in the folder: ${found.length}.`;
    const message = `It is plain: what it does is not planned, not compared, and not known to be safe to run again.${others}`;
    yield { migration: name, message, names: { name } };
  }
}

export interface MergedNames {
  readonly name: string;
  readonly label: string;
}

export function* mergedAltered({ migrations, base, frozen, texts }: History): Generator<HistoryViolation<MergedNames>> {
  if (!base) return;
  const here = new Set(migrations.map(({ name }) => name));
  for (const name of base.shared ?? base.names) {
    if (!here.has(name))
      yield {
        migration: name,
        message: `The migration is in ${base.label}, but its file is missing here.`,
        names: { name, label: base.label },
      };
  }
  for (const [name, before] of Object.entries(base.frozen ?? {})) {
    if (!here.has(name)) continue;
    const now = frozen[name];
    const message =
      texts.get(name) !== before.text
        ? `Its text is not what ${base.label} has frozen.`
        : now?.text !== before.text || now.changes !== before.changes
          ? `Its entry in frozen.json is not the one in ${base.label}.`
          : undefined;
    if (message !== undefined) yield { migration: name, message, names: { name, label: base.label } };
  }
}

export function* misfit({ misfit: found }: History): Generator<HistoryViolation<{ name: string }>> {
  if (!found) return;
  const { migration, location, message } = found;
  yield { migration, ...(location && { location }), message, names: { name: migration } };
}
