#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { config as loadDotenv } from 'dotenv';
import { registerAccept } from './accept';
import { registerBaseline } from './baseline';
import { registerDb } from './db';
import { registerDeploy } from './deploy';
import { registerDiff } from './diff';
import { registerDrift } from './drift';
import { exitCodeOf, exitCodes } from './exit-codes';
import { registerHealth } from './health';
import { registerHistory } from './history';
import { registerLint } from './lint';
import { errorDocument, print, printError } from './output';
import { registerPlan } from './plan';
import { registerReport } from './report';
import { redact } from './redact';
import { registerRollback } from './rollback';
import { registerSeed } from './seed';
import { registerSnapshot } from './snapshot';
import { registerStatus } from './status';
import { registerUnlock } from './unlock';

const verbs = [
  registerStatus,
  registerPlan,
  registerDeploy,
  registerDrift,
  registerDiff,
  registerReport,
  registerRollback,
  registerHistory,
  registerAccept,
  registerBaseline,
  registerUnlock,
  registerLint,
  registerSnapshot,
  registerHealth,
  registerDb,
  registerSeed,
];

async function main(): Promise<void> {
  loadDotenv({ quiet: true });
  const program = new Command('schema')
    .description('The schema of Sentimatrix Studio: migrations, and what is known of them.')
    .helpCommand(false)
    // A mistyped option is repeated with its value, which may be a connection string.
    .configureOutput({ writeErr: (text) => process.stderr.write(redact(text)) })
    .exitOverride();
  for (const register of verbs) register(program);
  for (const command of program.commands) command.exitOverride();
  // Looked for by hand: what is wrong may be the command line itself.
  const json = process.argv.includes('--json');
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      printError(error, { json });
      process.exitCode = exitCodeOf(error);
      return;
    }
    // Commander has said already what is wrong with the command line; --help comes this way too, with code 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (json && error.exitCode !== 0) print(errorDocument('USAGE', redact(error.message)), [], { json });
  }
}

void main();
