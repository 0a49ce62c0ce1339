import { findMigrations, loadMigrations } from '../../src/project';
import { productFolder } from '../support/product';
import { replay } from '../support/replay';

// What `npm run test:migration` replays; all migrations of the product unless it is what runs this.
const { TEST_MIGRATION: only, TEST_MIGRATIONS_FOLDER: folder = productFolder } = process.env;
const migrations = loadMigrations(findMigrations(folder));
if (only !== undefined && !migrations.some(({ name }) => name === only)) throw new Error(`${folder} holds no ${only}`);

replay(migrations, { halfDone: 'all', only });
