import type { World } from '../world';

/** Keeps what was worked out last: documents of one user or project are mostly made one after the other. */
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
