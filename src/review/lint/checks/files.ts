import { importsOf } from '../imports';
import type { History, HistoryViolation, Subject, Violation } from '../types';

const allowed = /^(?:mongodb|(?:\.\.\/)+src\/migration(?:\/index)?)$/;

export function* foreignImport({ text }: Subject): Generator<Violation<{ module: string }>> {
  for (const { module, line } of importsOf(text)) {
    if (allowed.test(module)) continue;
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
      yield { migration: name, message: `${name.slice(0, 14)} is no time that a clock shows.`, names: { name } };
    if (newest !== undefined && name < newest) {
      const message = `It comes before ${newest}, which is in ${base.label} already and may be applied.`;
      yield { migration: name, message, names: { name, newest } };
    }
  }
}

/** Whether fourteen digits are a date and a time of day. */
function isTime(digits: string): boolean {
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = new Date(iso);
  return !Number.isNaN(time.getTime()) && time.toISOString() === iso;
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
        message: `It is in ${base.label}, and its file is gone.`,
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
  const { migration, at, message } = found;
  yield { migration, ...(at && { at }), message, names: { name: migration } };
}
