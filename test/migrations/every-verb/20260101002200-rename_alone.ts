import { migration, renameCollection } from '../../../src/migration';

export default migration(__filename, renameCollection('settings', 'options'));
