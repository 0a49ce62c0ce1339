import { expect, it } from 'vitest';
import { followServer } from './health-command';

it('schema health follows a server through its starts and its kills, and ends 0 at SIGTERM', async () => {
  expect.hasAssertions();
  await followServer({ kills: 2 });
});
