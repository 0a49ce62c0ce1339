import { bcryptVerify } from 'hash-wasm';
import { expect, it } from 'vitest';
import { hashPassword, password } from '../../seeders/run/password';

it('The hash of the password is one that another library verifies, and no other password', async () => {
  const hash = await hashPassword();
  expect(password).toBe('password123');
  expect(hash).toMatch(/^\$2b\$10\$/);
  expect(await bcryptVerify({ password: 'password123', hash })).toBe(true);
  expect(await bcryptVerify({ password: 'password124', hash })).toBe(false);
});

it('The hash is the same each time, as all else that a seed makes', async () => {
  expect(await hashPassword()).toBe(await hashPassword());
});
