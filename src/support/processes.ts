import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './system-error';

/** A process that can be told from a later one with the same pid. `started` is known on Linux only. */
export interface ProcessId {
  readonly pid: number;
  readonly started?: string | undefined;
}

export function identify(pid: number): ProcessId {
  return { pid, started: startTime(pid) };
}

export function isAlive(id: ProcessId): boolean {
  try {
    process.kill(id.pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false; // EPERM: it lives and is another user's
  }
  return id.started === undefined || id.started === startTime(id.pid);
}

/** Waits until the process is gone, at most `milliseconds`; says whether it is. */
export async function waitForEnd(id: ProcessId, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (isAlive(id)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot: pids are soon used again in small containers. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in brackets, may hold spaces.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}

/**
 * Where pids mean the same processes: the machine, since it was started, and on Linux the PID namespace. Two containers may have one host
 * name, and each sees only its own processes.
 */
export function processSpace(): string {
  const read = (look: () => string) => {
    try {
      return look().trim();
    } catch {
      return '';
    }
  };
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].join(' ');
}
