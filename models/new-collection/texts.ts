import type { CollectionNames } from './names';

// The first fields of a new collection are defined here, and in src/author/collection.ts for its validator. A test compares the two
// definitions.

export function modelText({ model, type }: CollectionNames): string {
  return `import type { z } from 'zod';
import { date } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';

export const ${model}Schema = openDocument({
  _id: objectId,
  user_id: objectId,
  created_at: date,
  updated_at: date.exactOptional(),
});
export type ${type} = z.infer<typeof ${model}Schema>;

export const new${type}Schema = ${model}Schema.extend({ _id: objectId.exactOptional() });
export type New${type} = z.infer<typeof new${type}Schema>;
`;
}

export function seederText({ collection, seeder }: CollectionNames): string {
  return `import { userFacts } from './facts/user';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';

const perUser = 2;

export const ${seeder}: Seeder<'${collection}'> = {
  collection: '${collection}',
  per: 'user',
  each: () => perUser,
  make: (world, place) => {
    const random = new Random(world.seed, '${collection}', place);
    const { id, createdAt } = userFacts(world, place.user);
    return { _id: idOf(world.seed, place), user_id: id, created_at: random.date(createdAt, world.now) };
  },
};
`;
}
