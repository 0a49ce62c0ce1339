import { days } from './facts/time';
import { userFacts } from './facts/user';
import { nameFor } from './people';
import { Random } from './random';
import type { Seeder } from './seeder';

/** Users. The first user is an admin. Some users also sign in with Google or GitHub. */
export const users: Seeder<'users'> = {
  collection: 'users',
  per: 'user',
  each: () => 1,
  make: (world, { user }) => {
    const { id, email, seed, createdAt } = userFacts(world, user);
    const random = new Random(seed, 'users', { user, project: 0, item: 0 });
    const oauth = {
      ...(user % 4 === 2 && { google_id: `1${random.hex(16)}` }),
      ...(user % 4 === 3 && { github_id: String(random.next()) }),
    };
    return {
      _id: id,
      email,
      password_hash: world.passwordHash,
      name: nameFor(random),
      role: user === 0 ? 'admin' : 'user',
      is_active: true,
      email_verified: true,
      ...(Object.keys(oauth).length > 0 && { oauth }),
      created_at: createdAt,
      last_login_at: random.date(world.now.getTime() - days(3), world.now),
    };
  },
};
