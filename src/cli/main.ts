#!/usr/bin/env node
import './compile-cache';
import { config as loadDotenv } from 'dotenv';
import { product } from '../../product';
import { run } from './run';
import { processEnv } from '../support/process-env';

/**
 * How long the process may still run after the command line has ended, in milliseconds. A migration may have left a timer or a socket open.
 */
const endsWithin = 1_000;

// Set the title, so that a process list shows only this title. By default, it shows the whole command line, which may contain a password.
process.title = 'schema';
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of the output has closed the pipe, as `head` does. This is not a failure of the command.
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
