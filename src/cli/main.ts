#!/usr/bin/env node
import './compile-cache';
import { config as loadDotenv } from 'dotenv';
import { product } from '../../product';
import { run } from './run';
import { processEnv } from '../support/process-env';

/** How long the process may outlive the command line, in milliseconds: a migration may have left a timer or a socket behind. */
const endsWithin = 1_000;

// A process list shows the command line of a process until it names itself; that may hold a password.
process.title = 'schema';
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read it has gone, as `head` does: what is done is done all the same.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}
loadDotenv({ quiet: true });
void run(process.argv.slice(2), process, processEnv(), product).then((exitCode) => {
  process.exitCode = exitCode;
  setTimeout(endProcess, endsWithin).unref();
});

function endProcess(): void {
  const unwritten = [process.stdout, process.stderr].find(({ writableLength }) => writableLength > 0);
  if (unwritten === undefined) process.exit();
  unwritten.once('drain', endProcess);
}
