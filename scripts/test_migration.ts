import path from 'node:path';
import { execa } from 'execa';
import { testMigration } from './test_migration_command';

// Replays one migration after its predecessors, from every half-done state: `npm run test:migration -- NAME`.

/** Resolves to the exit code of vitest. */
async function replay(name: string, folder: string): Promise<number> {
  const project = path.resolve(__dirname, '..');
  const vitest = path.join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const child = execa(process.execPath, [vitest, 'run', 'test/migrations/replay.deep.test.ts'], {
    cwd: project,
    stdio: 'inherit',
    env: { TEST_DEPTH: 'deep', TEST_MIGRATION: name, TEST_MIGRATIONS_FOLDER: folder },
    reject: false,
  });
  // Do not end at Ctrl-C: the terminal sends this signal to vitest too. Wait for the end of vitest.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const { exitCode = 1 } = await child;
  return exitCode;
}

void testMigration(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, replay }, process.env).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
);
