import { find, type Schema } from '../../schema';
import { compact, count } from '../explain';
import { prose } from './table';

/** Returns the part of the page that describes a view. */
export function viewSection(schema: Schema, name: string): string[] {
  const view = find(schema, 'view', { collection: name });
  if (!view) return [];
  const { viewOn, pipeline, collation } = view;
  const stages = pipeline.length === 0 ? 'without changes' : `through ${count(pipeline.length, 'stage')}`;
  return [
    `### ${name}`,
    '',
    `Reads from [${prose(viewOn)}](#${viewOn}), ${stages}.`,
    '',
    ...(collation ? [`Options: collation \`${compact(collation)}\`.`, ''] : []),
    ...(pipeline.length === 0 ? [] : ['```js', ...pipeline.map((stage) => compact(stage)), '```', '']),
  ];
}
