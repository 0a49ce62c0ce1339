import { mkdtemp, mkdir, rm, symlink, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { reportPage } from '../src/review';

// Makes the pictures of the README from the tool's output: `npm run pictures`. It needs Chromium, as `chromium` on the
// PATH, or as the command in the variable CHROMIUM, and a font with emoji (Debian: fonts-noto-color-emoji).

const project = path.resolve(__dirname, '..');
const pictures = path.join(project, 'docs', 'pictures');

/** Returns a time for the name of a migration. Lint refuses names with a future time. */
function minutesAgo(minutes: number): string {
  const time = new Date(Date.now() - minutes * 60_000);
  return time.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** The migrations on the branch of the report. */
const migrations = {
  [`${minutesAgo(15)}-results-by-language.ts`]: `import { createIndexes, migration } from '../src/migration';

/** Somebody asks for results in one language. */
export default migration(
  __filename,
  createIndexes('results', [
    { name: 'content.language_code_1', key: { 'content.language_code': 1 }, serves: 'results in one language' },
  ]),
);
`,
  [`${minutesAgo(1)}-audit-logs-for-a-quarter.ts`]: `import { changeTtl, migration, suppress } from '../src/migration';

/** Audit logs are kept for a quarter of a year, because the lawyers ask for it. */
export default migration(
  __filename,
  suppress('SM004', 'older logs are in the archive', changeTtl('audit_logs', 'created_at_1', { from: 31_536_000, to: 7_776_000 })),
);
`,
};

async function makePictures(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'schema-pictures-'));
  const branch = path.join(folder, 'branch');
  try {
    await execa('git', ['worktree', 'add', '--quiet', '--detach', branch, 'HEAD'], { cwd: project });
    await symlink(path.join(project, 'node_modules'), path.join(branch, 'node_modules'));
    for (const [name, text] of Object.entries(migrations)) await writeFile(path.join(branch, 'migrations', name), text);
    const schema = (...args: string[]) =>
      execa(process.execPath, ['-r', './scripts/quick-start.js', 'src/cli/main.ts', ...args], { cwd: branch });
    await schema('snapshot');
    await schema('report', '--base', 'HEAD', '--out', 'report.md');
    const page = path.join(folder, 'report.html');
    await writeFile(page, await reportPage(await readFile(path.join(branch, 'report.md'), 'utf8')));
    await mkdir(pictures, { recursive: true });
    await shoot(page, path.join(pictures, 'report.png'), '1060,1130');
  } finally {
    await execa('git', ['worktree', 'remove', '--force', branch], { cwd: project, reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes a screenshot of a page. Before that, Chromium gives the page 10 s of virtual time, in which mermaid draws the diagram. */
async function shoot(page: string, picture: string, size: string): Promise<void> {
  await execa(process.env['CHROMIUM'] ?? 'chromium', [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--allow-file-access-from-files',
    '--force-device-scale-factor=1.5',
    '--virtual-time-budget=10000',
    `--window-size=${size}`,
    `--screenshot=${picture}`,
    pathToFileURL(page).href,
  ]);
  process.stdout.write(`wrote ${path.relative(project, picture)}\n`);
}

void makePictures().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
