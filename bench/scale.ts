import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateScale, read } from './scale/page';

/**
 * Simulates how the product's collections grow, and how candidate shard keys distribute them, without a server. Writes the tables
 * and the picture of docs/scale.md from the simulation and from bench/rates.json. With `--check`, it writes nothing, and exits with
 * code 1 if the tables or the picture are out of date.
 */
async function main(): Promise<void> {
  const isCheck = process.argv.includes('--check');
  for (const { file, text } of await generateScale()) {
    const isSame = (await read(file).catch(() => '')) === text;
    if (isCheck && !isSame) {
      console.error(`${file} is out of date: node -r ./scripts/quick-start.js bench/scale.ts writes it.`);
      process.exitCode = 1;
    }
    if (!isCheck && !isSame) {
      await writeFile(path.join(__dirname, '..', file), text);
      console.log(`changed ${file}`);
    }
    if (!isCheck && file.endsWith('.md')) console.log(tablesOf(text));
  }
}

function tablesOf(page: string): string {
  const lines = page.split('\n');
  return lines.filter((line) => line.startsWith('|') || line.startsWith('#')).join('\n');
}

void main();
