/** A bench: a file in this folder that measures, keeps results, and exits with code 2 if a result misses its goal. */
export interface Bench {
  readonly name: string;
  /** The title of the section about the bench in docs/benchmarks.md. */
  readonly title: string;
  /** What the bench measures, in one or two sentences for docs/benchmarks.md. */
  readonly about: string;
  /** Whether the bench runs only when it is named, because it takes many minutes. */
  readonly isNamedOnly?: true;
}

/** All benches, in the order of docs/benchmarks.md. */
export const benches: readonly Bench[] = [
  {
    name: 'startup',
    title: 'Start-up',
    about:
      'The CPU time of whole processes that have little to do. The tool runs in its published form: compiled, without the sources.',
  },
  {
    name: 'peers',
    title: 'Other tools',
    about:
      'The same migrations, run with this tool and with other tools that migrate MongoDB with Node. Each run is a process. ' +
      'Tools that load TypeScript are compared with this tool in its checkout, and tools that load JavaScript with its ' +
      'published form.',
  },
  {
    name: 'deploy',
    title: 'Deploy of the whole schema',
    about:
      'All migrations of the product, on an empty database. The bare driver sends the same commands, and waits in the same places.',
  },
  {
    name: 'safety',
    title: 'What safety costs',
    about:
      'One migration that builds one index in an empty collection: which commands the tool sends, and how much time each part ' +
      'of its work adds.',
  },
  {
    name: 'growth',
    title: 'Many migrations',
    about: 'Times by number of migrations. Each migration creates a collection or an index.',
  },
  {
    name: 'collections',
    title: 'Many collections',
    about:
      'Times by number of collections, each with a validator and two indexes. The goal is linear growth: a collection among 1,000 ' +
      'may take 1.3 times as long as one among 100.',
  },
  {
    name: 'data',
    title: 'Large collections',
    about:
      'Index builds, backfills and checks of the data, by number of documents, compared with the plain commands of the driver.',
  },
  {
    name: 'backfill',
    title: 'Backfills',
    about: 'All documents of a collection are updated, compared with one `updateMany` that waits for a majority.',
  },
  {
    name: 'forecast',
    title: 'Forecasts',
    about: 'How close the forecast of `plan` is to the time that the deploy then takes.',
  },
  { name: 'review', title: 'Reviews', about: 'The time of commands for which a person waits, with 500 migrations.' },
  {
    name: 'seed',
    title: 'Test data',
    about: 'A seed of 200,000 results, compared with plain ways to load the same documents.',
  },
  {
    name: 'backup',
    title: 'Backups and restores',
    about:
      'The tool reads each backup back, and checks and compares each restore. mongodump and mongorestore do neither.',
  },
  { name: 'scrape', title: 'Monitoring', about: 'What one scrape of `/metrics` costs the server.' },
  {
    name: 'suite',
    title: 'The tests of this project',
    about: 'How many minutes a contributor waits.',
    isNamedOnly: true,
  },
];
