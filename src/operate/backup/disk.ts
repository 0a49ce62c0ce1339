import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isPartial } from './names';

/** Gives a file that was written its final name, for good: both survive the machine's power going. */
export async function publish(partial: string, final: string): Promise<void> {
  await sync(partial);
  await rename(partial, final);
  await sync(path.dirname(final));
}

async function sync(place: string): Promise<void> {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what runs left that were killed. Only for who holds the folder's lock: nobody else is writing there. */
export async function removePartials(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter(isPartial);
  await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
}
