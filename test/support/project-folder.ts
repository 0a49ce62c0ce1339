import path from 'node:path';

/** The checkout under test. */
export const projectFolder = path.resolve(__dirname, '..', '..');
