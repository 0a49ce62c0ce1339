import path from 'node:path';

/** The checkout that is tested. */
export const projectFolder = path.resolve(__dirname, '..', '..');
