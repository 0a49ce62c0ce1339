import { createIndexes, migration } from '../../../src/migration';

export default migration(
  __filename,
  createIndexes('letters', [
    { name: 'code_1', key: { code: 1 }, unique: true, serves: 'a letter by its code' },
    { name: 'subject_text_body_text', key: { subject: 'text', body: 'text' }, serves: 'searching letters' },
  ]),
  createIndexes('stamps', [
    { name: 'printed_at_1', key: { printed_at: 1 }, expireAfterSeconds: 86_400, serves: 'removing old stamps' },
    { name: 'country_1', key: { country: 1 }, serves: 'the stamps of a country' },
  ]),
);
