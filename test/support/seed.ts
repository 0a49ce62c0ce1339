/**
 * Where drawn cases begin: the same in each run, so that nobody's change fails by a case that has nothing to do with it.
 * `TEST_SEED=12345 npm run test:deep` tries others.
 */
export const seed = Number(process.env['TEST_SEED'] ?? 20_261_126);
