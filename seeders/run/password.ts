import { hash } from 'bcryptjs';

/** What every account is made with. */
export const password = 'password123';

// The salt is fixed, so that the same seed makes the same documents: this password is no secret anyway.
const salt = '$2b$10$SentimatrixStudioSeedu';

/** In the form that the bcrypt of every language verifies. */
export function hashPassword(): Promise<string> {
  return hash(password, salt);
}
