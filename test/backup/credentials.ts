import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Whether a text holds a password, as it is or as a connection string has it. */
export function holds(password: string): (text: string) => boolean {
  return (text) => [password, encodeURIComponent(password)].some((secret) => text.includes(secret));
}

/** In milliseconds: a tool and its configuration are there for longer. */
const looksEvery = 10;

/** Looks, time and again, at what every user of this machine can see, until it is told to stop. */
export function watch(isSecret: (text: string) => boolean, isLeftOut: (command: string) => boolean = () => false) {
  const seen = new Set<string>();
  let configs = 0;
  let leftOut = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const command = readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      if (!isSecret(command)) continue;
      if (isLeftOut(command)) leftOut += 1;
      else seen.add(`process: ${command}`);
    }
    for (const folder of readdirSync(tmpdir()).filter((name) => name.startsWith('schema-tool-'))) {
      const file = path.join(tmpdir(), folder, 'config.yaml');
      if (!isSecret(readIfThere(file))) continue;
      configs += 1;
      const modes = [file, path.dirname(file)].map(modeIfThere);
      if (modes.some((mode) => mode !== undefined && (mode & 0o077) !== 0)) seen.add(`file: ${file}`);
    }
  }, looksEvery);
  return {
    /** How often something was seen that is left out. */
    leftOut: () => leftOut,
    stop: () => {
      clearInterval(timer);
      return { seen: [...seen], configs, leftOut };
    },
  };
}

export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function modeIfThere(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode;
}
