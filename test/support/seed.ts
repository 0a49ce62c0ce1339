/**
 * The seed of generated cases. It is the same in each run, so that no change fails because of an unrelated case.
 * `TEST_SEED=12345 npm run test:deep` generates other cases.
 */
export const seed = Number(process.env['TEST_SEED'] ?? 20_261_126);
