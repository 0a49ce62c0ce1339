import type { Command } from 'commander';
import { SchemaError } from '../support/schema-error';
import { verbMeantBy } from './usage-error';

export function register(program: Command): void {
  program
    .command('help')
    .summary('show how a verb is used, with examples')
    .description('Shows how a verb is used, as `schema VERB --help` does. Without a verb it lists the verbs.')
    .argument('[verb]', 'the verb')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- help\n  $ npm run schema -- help deploy')
    .action((verb?: string) => {
      const found = verb === undefined ? program : program.commands.find((command) => command.name() === verb);
      if (found === undefined) throw unknownVerb(program, verb ?? '');
      found.outputHelp();
    });
}

function unknownVerb(program: Command, verb: string): SchemaError {
  const meant = verbMeantBy(verb, program);
  const list = '`schema --help` lists the verbs';
  return new SchemaError('USAGE', `There is no verb ${verb}`, {
    fix: meant === undefined ? list : `did you mean ${meant}? ${list}`,
  });
}
