import { days, hours } from './facts/time';
import { userFacts } from './facts/user';
import { idOf } from './ids';
import { addressFor, browserFor } from './people';
import { Random } from './random';
import type { Seeder } from './seeder';

const perUser = 2;
const lifetime = days(30);

/** Sessions that expire some weeks from now, because the server removes a session as soon as it expires. */
export const refreshTokens: Seeder<'refresh_tokens'> = {
  collection: 'refresh_tokens',
  per: 'user',
  each: () => perUser,
  make: (world, place) => {
    const random = new Random(world.seed, 'refresh_tokens', place);
    const created_at = random.date(world.now.getTime() - days(6), world.now.getTime() - days(1));
    return {
      _id: idOf(world.seed, place),
      user_id: userFacts(world, place.user).id,
      token: random.hex(64),
      expires_at: new Date(created_at.getTime() + lifetime),
      ...(random.chance(0.2) && { revoked_at: new Date(created_at.getTime() + hours(8)) }),
      ip_address: addressFor(random),
      user_agent: browserFor(random),
      created_at,
    };
  },
};
