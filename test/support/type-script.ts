import path from 'node:path';

/** The arguments with which node runs TypeScript, as in the npm scripts. */
export const typeScript = ['-r', path.resolve(__dirname, '../../scripts/quick-start.js')] as const;
