import path from 'node:path';
import { findMigrations, loadMigrations } from '../../src/project';
import { replay } from '../support/replay';

replay(loadMigrations(findMigrations(path.join(__dirname, 'every-verb'))), { halfDone: 'all' });
