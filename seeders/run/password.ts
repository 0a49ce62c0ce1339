import { hash } from 'bcryptjs';

/** The password of every account. */
export const password = 'password123';

// The salt is fixed, so that the same seed gives the same documents. The password is public anyway.
const salt = '$2b$10$SentimatrixStudioSeedu';

/** Returns the hash in a form that bcrypt libraries of all languages can verify. */
export function hashPassword(): Promise<string> {
  return hash(password, salt);
}
