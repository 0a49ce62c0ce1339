import { insertDocuments, migration } from '../../../src/migration';

export default migration(
  __filename,
  insertDocuments('presets', [{ _id: 1, name: 'one' }, { _id: 'two', since: new Date(0) }, { _id: 3 }]),
  insertDocuments('drafts', [{ _id: 'first', at: new Date(0) }]),
);
