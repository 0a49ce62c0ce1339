import type { World } from '../world';

/** Returns a function that caches its last result: the documents of one user or project are usually created one after another. */
export function remember<T>(
  workOut: (world: World, user: number, project: number) => T,
): (world: World, user: number, project?: number) => T {
  let last: { world: World; user: number; project: number; value: T } | undefined;
  return (world, user, project = 0) => {
    if (last?.world !== world || last.user !== user || last.project !== project) {
      last = { world, user, project, value: workOut(world, user, project) };
    }
    return last.value;
  };
}
