import type { CollectionName, StoredDocument } from '../models';
import type { Place, Size, World } from './world';

/** What is made for one collection. */
export interface Seeder<Name extends CollectionName = CollectionName> {
  readonly collection: Name;
  /** Whether documents hang on a user or on a project, and how many on each. */
  readonly per: 'user' | 'project';
  readonly each: (size: Size) => number;
  /** The document of a place: the same one whatever was made before it. */
  readonly make: (world: World, place: Place) => StoredDocument<Name>;
}

export function countOf({ per, each }: Pick<Seeder, 'per' | 'each'>, size: Size): number {
  return (per === 'user' ? size.users : size.users * size.projects) * each(size);
}

/** The documents from `from` up to and without `to`, in the order of their ids. */
export function makeMany<Name extends CollectionName>(
  seeder: Seeder<Name>,
  world: World,
  from: number,
  to: number,
): StoredDocument<Name>[] {
  const each = seeder.each(world.size);
  const projects = seeder.per === 'user' ? 1 : world.size.projects;
  return Array.from({ length: to - from }, (_, at) => {
    const index = from + at;
    const parent = Math.floor(index / each);
    const place = { user: Math.floor(parent / projects), project: parent % projects, item: index % each };
    return seeder.make(world, place);
  });
}
