import { createRequire } from 'node:module';
import path from 'node:path';
import { migrationName } from './files';
import type { Migration } from './types';

/**
 * Loads migrations, in the order of the paths.
 * @throws Error naming the file that cannot be loaded or exports no migration.
 */
export function loadMigrations(paths: readonly string[]): Migration[] {
  return paths.map((file) => {
    const exported = requireFrom(file);
    if (isMigration(exported)) return exported;
    throw new Error(`${path.basename(file)} exports no migration: write \`export default migration(__filename, …)\`.`);
  });
}

const requireModule = createRequire(__filename);

function requireFrom(file: string): unknown {
  try {
    return (requireModule(file) as { default?: unknown }).default;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // The compiler puts the stack of its own machine code below what it has to say about a syntax error.
    const reason = message.replace(/\s+Caused by:\s+Syntax Error[^]*$/, '').trim();
    throw new Error(`${migrationName(file)} cannot be loaded: ${reason}`, { cause });
  }
}

function isMigration(value: unknown): value is Migration {
  return typeof value === 'object' && value !== null && 'changes' in value && 'up' in value && 'down' in value;
}
