import {
  diffBetween,
  inverse,
  summarize,
  toWire,
  type Change,
  type SchemaSummary,
  type WireChange,
} from '../../schema';
import { explainChange, type ExplainedChange } from '../explain';
import { readPoints, type Point, type PointOptions } from './points';

/** The changes of the schema from one point of the history to another. */
export interface DiffReport {
  readonly from: PointSummary;
  readonly to: PointSummary;
  /** Each change, in words and in the form that frozen.json and `--json` use. */
  readonly changes: readonly (ExplainedChange & WireChange)[];
}

export interface PointSummary {
  readonly point: string;
  readonly schema: SchemaSummary;
}

/** Compares two points of history, or a point with the live server. Only the point `live` needs a server. */
export async function comparePoints(from: string, to: string, options: PointOptions = {}): Promise<DiffReport> {
  const [before, after] = (await readPoints([from, to], options)) as [Point, Point];
  return compareSchemas(before, after);
}

export function compareSchemas(from: Point, to: Point): DiffReport {
  return {
    from: { point: from.name, schema: summarize(from.schema) },
    to: { point: to.name, schema: summarize(to.schema) },
    changes: diffBetween(from.schema, to.schema, changesBetween(from, to)).map((change) => ({
      ...explainChange(change),
      ...toWire(change),
    })),
  };
}

/** Returns the changes of the migrations between two points; their inverse if the comparison goes back in the history. */
function changesBetween({ changes: from }: Point, { changes: to }: Point): readonly Change[] {
  if (!from || !to) return [];
  return from.length <= to.length ? to.slice(from.length) : inverse(from.slice(to.length));
}
