/*
 * `-r` this file instead of ts-node/register: the same code runs, for what ts-node makes of a file is kept. The tests start
 * hundreds of processes, and loading ts-node to compile the same files again takes longer than most of what they do.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
// Gone with the packages, whose versions the output depends on.
const folder = path.join(root, 'node_modules', '.cache', 'ts-node');
const settings = readFileSync(path.join(root, 'tsconfig.json'));

let service;
function compile(source, fileName) {
  service ??= require('ts-node').create({ cwd: root });
  return service.compile(source, fileName);
}

function compiled(source, fileName) {
  const kept = path.join(folder, `${createHash('sha256').update(settings).update(source).digest('hex')}.js`);
  try {
    return readFileSync(kept, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const code = compile(source, fileName);
  mkdirSync(folder, { recursive: true });
  const draft = `${kept}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, kept);
  return code;
}

require.extensions['.ts'] = (module, fileName) => {
  module._compile(compiled(readFileSync(fileName, 'utf8'), fileName), fileName);
};
