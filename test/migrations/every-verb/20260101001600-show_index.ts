import { migration, showIndex } from '../../../src/migration';

export default migration(__filename, showIndex('users', 'name_1'));
