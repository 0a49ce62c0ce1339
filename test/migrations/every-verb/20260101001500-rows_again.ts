import { migration, removeDocuments, updateDocuments } from '../../../src/migration';

/** Rows that an earlier one inserted. */
export default migration(
  __filename,
  updateDocuments('presets', [
    { from: { _id: 1, name: 'one' }, to: { _id: 1, name: 'first', tags: ['a'] } },
    { from: { _id: 'two', since: new Date(0) }, to: { _id: 'two' } },
  ]),
  removeDocuments('presets', [{ _id: 3 }]),
);
