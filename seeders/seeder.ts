import type { CollectionName, StoredDocument } from '../models';
import type { Place, Size, World } from './world';

/** How the documents of one collection are generated. */
export interface Seeder<Name extends CollectionName = CollectionName> {
  readonly collection: Name;
  /** Whether documents belong to a user or to a project, and how many to each. */
  readonly per: 'user' | 'project';
  readonly each: (size: Size) => number;
  /**
   * Returns the document for a place (its user, project and item). The document does not depend on documents that were generated before.
   */
  readonly make: (world: World, place: Place) => StoredDocument<Name>;
}

export function countOf({ per, each }: Pick<Seeder, 'per' | 'each'>, size: Size): number {
  return (per === 'user' ? size.users : size.users * size.projects) * each(size);
}

/** Returns the documents from `from` up to `to`, exclusive, in the order of their ids. */
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
