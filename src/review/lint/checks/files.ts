import path from 'node:path';
import { isPlain } from '../../../migration';
import { importsOf } from '../imports';
import type { History, HistoryViolation, Subject, Violation } from '../types';

const allowed = /^(?:mongodb|(?:\.\.\/)+src\/migration(?:\/index)?)$/;
/** The folder of the verbs: migrations of another project may import it by its path. */
const verbs = path.resolve(__dirname, '..', '..', '..', 'migration');

export function* foreignImport({ text, migration }: Subject): Generator<Violation<{ module: string }>> {
  // The effect of a plain migration (without verbs) is unknown anyway, and such a migration cannot suppress a finding.
  if (isPlain(migration)) return;
  for (const { module, line } of importsOf(text)) {
    if (allowed.test(module) || path.resolve(path.dirname(migration.file), module) === verbs) continue;
    yield {
      line,
      message: `The migration imports ${module}, whose behaviour may change.`,
      names: { module },
    };
  }
}

export interface OrderNames {
  readonly name: string;
  /** The newest migration of the base; undefined if the finding is about an invalid timestamp in the migration's own name. */
  readonly newest?: string;
}

export function* outOfOrder({ migrations, base }: History): Generator<HistoryViolation<OrderNames>> {
  if (!base) return;
  const newest = [...base.names].sort().at(-1);
  for (const { name } of migrations.filter((migration) => !base.names.includes(migration.name))) {
    if (!isTime(name.slice(0, 14)))
      yield { migration: name, message: `${name.slice(0, 14)} is not a valid date and time.`, names: { name } };
    if (newest !== undefined && name < newest) {
      const message = `The migration comes before ${newest}, which is already in ${base.label} and may be applied.`;
      yield { migration: name, message, names: { name, newest } };
    }
  }
}

/** The tolerance, in milliseconds. It is needed because clocks differ, and because authors may have used their own time zones. */
const aDay = 24 * 60 * 60 * 1000;

export function* futureDate({ migrations, base, now }: History): Generator<HistoryViolation<{ name: string }>> {
  for (const { name } of migrations) {
    const time = timeOf(name.slice(0, 14));
    if (base?.names.includes(name) || time === undefined || time.getTime() <= now.getTime() + aDay) continue;
    const message = `Its name contains the time ${time.toISOString()}, which is more than a day in the future.`;
    yield { migration: name, message, names: { name } };
  }
}

function isTime(digits: string): boolean {
  return timeOf(digits) !== undefined;
}

/** Returns the time (UTC) that the fourteen digits of a migration's name mean; undefined when the time is invalid. */
function timeOf(digits: string): Date | undefined {
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = new Date(iso);
  return !Number.isNaN(time.getTime()) && time.toISOString() === iso ? time : undefined;
}

export function* dependent({ migrations, base, dependencies }: History): Generator<HistoryViolation<{ on: string }>> {
  for (const { name } of migrations) {
    const on = dependencies.get(name)?.join(', ');
    if (on === undefined || base?.names.includes(name)) continue;
    yield { migration: name, message: `The changes of the migration depend on ${on}.`, names: { on } };
  }
}

/** Finds plain migrations. With a base, reports each new one. Without a base, reports all in one finding: old ones cannot be changed. */
export function* plain({ migrations, base }: History): Generator<HistoryViolation<{ name: string }>> {
  const found = migrations.filter((migration) => isPlain(migration) && !base?.names.includes(migration.name));
  const [last] = found.slice(-1);
  if (!last) return;
  for (const { name } of base ? found : [last]) {
    const others = base || found.length === 1 ? '' : ` Plain migrations in the folder: ${found.length}.`;
    const message = `The migration is plain: its changes cannot be planned or compared, and it may not be safe to run it again.${others}`;
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
        ? `The text of the migration differs from the text that ${base.label} has frozen.`
        : now?.text !== before.text || now.changes !== before.changes
          ? `Its entry in frozen.json differs from the one in ${base.label}.`
          : undefined;
    if (message !== undefined) yield { migration: name, message, names: { name, label: base.label } };
  }
}

export function* misfit({ misfit: found }: History): Generator<HistoryViolation<{ name: string }>> {
  if (!found) return;
  const { migration, location, message } = found;
  yield { migration, ...(location && { location }), message, names: { name: migration } };
}
