import { expect, it } from 'vitest';
import { productMigrations } from '../support/product';
import { replay } from '../support/replay';

it('finds migrations to replay', () => {
  expect(productMigrations().length).toBeGreaterThan(0);
});

replay(productMigrations(), { halfDone: 'one' });
