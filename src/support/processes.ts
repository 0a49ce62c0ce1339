import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './system-error';

/** Identifies a process, even if a later process gets the same pid. `started` is known only on Linux. */
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
    if (codeOf(error) !== 'EPERM') return false; // EPERM: the process runs, but belongs to another user.
  }
  return id.started === undefined || id.started === startTime(id.pid);
}

/** Waits until the process has ended, at most this many milliseconds. Returns whether the process has ended. */
export async function waitForEnd(id: ProcessId, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (isAlive(id)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/**
 * Returns the start time of a process: field 22 of /proc/PID/stat, in clock ticks since boot. The pid alone does not identify a process,
 * because small containers reuse pids soon.
 */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in parentheses, may contain spaces.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}

/**
 * Returns an id of the scope in which a pid is valid: the machine since its last start, and on Linux the PID namespace. Two containers
 * may have the same host name, but each sees only its own processes.
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
