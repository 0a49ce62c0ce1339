import { changeTtl, dropIndexes, migration } from '../../../src/migration';

export default migration(
  __filename,
  changeTtl('stamps', 'printed_at_1', { from: 86_400, to: 3_600 }),
  dropIndexes('stamps', [{ name: 'country_1', key: { country: 1 }, serves: 'the stamps of a country' }]),
);
