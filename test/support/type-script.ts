import path from 'node:path';

/** Arguments with which node runs TypeScript, as the npm scripts do. */
export const typeScript = ['-r', path.resolve(__dirname, '../../scripts/quick-start.js')] as const;
