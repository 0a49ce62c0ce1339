import { hasSameCollation, type View } from '../../schema';
import { code, compact, count, shorten } from './text';

/** Describes a view in one line. */
export function describeView({ viewOn, pipeline, collation }: View): string {
  const stages = pipeline.map((stage) => code(Object.keys(stage)[0] ?? '{}'));
  return [
    `reads from ${code(viewOn)}`,
    pipeline.length === 0 ? 'without stages' : `through ${count(pipeline.length, 'stage')}: ${stages.join(', ')}`,
    ...(collation ? [`collation ${code(collation)}`] : []),
  ].join(', ');
}

/** Describes the differences between two views, one per line. */
export function describeViewChange(from: View, to: View): string[] {
  const stages = Array.from({ length: Math.max(from.pipeline.length, to.pipeline.length) }, (_, at) => at);
  // Compare the whole text of a stage, because the order of its field names matters.
  const text = (view: View, at: number) => compact(view.pipeline[at]);
  const shown = (view: View, at: number) => (view.pipeline[at] ? code(shorten(text(view, at))) : 'nothing');
  return [
    ...(from.viewOn === to.viewOn ? [] : [`reads from ${code(from.viewOn)} → ${code(to.viewOn)}`]),
    ...stages
      .filter((at) => text(from, at) !== text(to, at))
      .map((at) => `stage ${at + 1}: ${shown(from, at)} → ${shown(to, at)}`),
    ...(hasSameCollation(from, to) ? [] : [`collation: ${collationOf(from)} → ${collationOf(to)}`]),
  ];
}

function collationOf({ collation }: View): string {
  return collation ? code(collation) : 'simple';
}
