import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { queries } from '../../queries';
import { growths, insertedMiB, type Growth } from './arrivals';
import { picture } from './picture';
import { indexesTable, measuredText, sizesTable, timesTable, type Rates } from './rates';
import { simulate } from './simulate';
import { balanceTable, fitTable, jumboText, queriesText, uniqueTable, type Indexes, type Outcomes } from './tables';

const project = path.resolve(__dirname, '..', '..');

/** The path and text of a generated file, or of a file with generated parts. */
export interface Generated {
  /** The path relative to the project. */
  readonly file: string;
  readonly text: string;
}

/** Returns docs/scale.md with its generated blocks, and its picture. */
export async function generateScale(): Promise<Generated[]> {
  const [page, rates, schema] = await Promise.all([
    read('docs/scale.md'),
    read('bench/rates.json').then((text) => JSON.parse(text) as Rates),
    read('schema/schema.json').then((text) => JSON.parse(text) as Record<string, { indexes?: Indexes[string] }>),
  ]);
  const indexes: Indexes = Object.fromEntries(
    Object.entries(schema).map(([name, { indexes: own = {} }]) => [name, own]),
  );
  const simulated = growths.map((growth) => ({
    growth,
    outcomes: { even: simulate(growth, 'even'), zipf: simulate(growth, 'zipf') },
  }));
  const [ofResults] = simulated;
  if (ofResults === undefined) throw new Error('nothing was simulated');
  const blocks: Record<string, string> = {
    measured: measuredText(rates),
    sizes: sizesTable(rates),
    indexes: indexesTable(rates),
    times: timesTable(rates),
    inserted: `The simulation inserts ${insertedMiB / 1024} GiB into each collection.`,
    jumbo: jumboText(growths),
    unique: uniqueTable(indexes),
    ...Object.fromEntries(
      simulated.map(({ growth, outcomes }) => [growth.collection, ofCollection(growth, outcomes, indexes)]),
    ),
  };
  return [
    { file: 'docs/scale.md', text: fill(page, blocks) },
    { file: 'docs/pictures/scale-balance.svg', text: picture(ofResults.outcomes) },
  ];
}

export function read(file: string): Promise<string> {
  return readFile(path.join(project, file), 'utf8').then((text) => text.replaceAll('\r\n', '\n'));
}

function ofCollection(growth: Growth, outcomes: Outcomes, indexes: Indexes): string {
  const parts = [
    balanceTable(outcomes),
    fitTable(growth, outcomes, indexes, queries),
    queriesText(growth, outcomes, queries),
  ];
  return parts.join('\n\n');
}

/** Inserts each block between its markers. */
function fill(page: string, blocks: Readonly<Record<string, string>>): string {
  let filled = page;
  for (const [name, text] of Object.entries(blocks)) {
    const [start, end] = [`<!-- ${name}: bench/scale.ts -->`, `<!-- end of ${name} -->`];
    const [from, to] = [filled.indexOf(start), filled.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/scale.md has no place for ${name}: ${start} and ${end}`);
    filled = `${filled.slice(0, from + start.length)}\n\n${text}\n\n${filled.slice(to)}`;
  }
  return filled;
}
