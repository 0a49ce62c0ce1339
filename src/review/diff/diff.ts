import { diff, summarize, toWire, type SchemaSummary, type WireChange } from '../../schema';
import { explainChange, type ExplainedChange } from '../explain';
import { readPoints, type Point, type PointOptions } from './points';

/** What leads from one point to another. */
export interface DiffReport {
  readonly from: PointSummary;
  readonly to: PointSummary;
  /** Each in words, and in the wire form. */
  readonly changes: readonly (ExplainedChange & WireChange)[];
}

export interface PointSummary {
  readonly point: string;
  readonly schema: SchemaSummary;
}

/** Compares two points of history, or one with the server. Only for the latter is a server asked. */
export async function comparePoints(from: string, to: string, options: PointOptions = {}): Promise<DiffReport> {
  const [before, after] = (await readPoints([from, to], options)) as [Point, Point];
  return compareSchemas(before, after);
}

export function compareSchemas(from: Point, to: Point): DiffReport {
  return {
    from: { point: from.name, schema: summarize(from.schema) },
    to: { point: to.name, schema: summarize(to.schema) },
    changes: diff(from.schema, to.schema).map((change) => ({ ...explainChange(change), ...toWire(change) })),
  };
}
