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
import { registerHistory } from './history';
import { registerLint } from './lint';
import { printError } from './output';
import { registerReport } from './report';
import { registerRollback } from './rollback';
import { registerSnapshot } from './snapshot';
import { registerStatus } from './status';
import { registerUnlock } from './unlock';

const verbs = [
  registerStatus,
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
  registerDb,
];

async function main(): Promise<void> {
  loadDotenv({ quiet: true });
  const program = new Command('schema')
    .description('The schema of Sentimatrix Studio: migrations, and what is known of them.')
    .helpCommand(false)
    .exitOverride();
  for (const register of verbs) register(program);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has said already what is wrong with the command line; --help comes this way too, with code 0.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else {
      printError(error);
      process.exitCode = exitCodeOf(error);
    }
  }
}

void main();
