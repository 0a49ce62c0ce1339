import { migration, removeDocuments, updateDocuments } from '../../../src/migration';

export default migration(
  __filename,
  updateDocuments('letters', [{ from: { _id: 'first', code: 'a' }, to: { _id: 'first', code: 'c', lang: 'en' } }]),
  removeDocuments('letters', [{ _id: 'second', code: 'b' }]),
);
