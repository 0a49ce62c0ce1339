import type { Command, CommanderError } from 'commander';
import { nearest } from '../support/nearest';
import { redact } from '../support/redact';
import { SchemaError } from '../support/schema-error';

/** Maps names that other tools use to our verb for the same task. */
const others: ReadonlyMap<string, string> = new Map([
  ['up', 'deploy'],
  ['apply', 'deploy'],
  ['migrate', 'deploy'],
  ['down', 'rollback'],
  ['undo', 'rollback'],
  ['revert', 'rollback'],
  ['log', 'history'],
]);

/**
 * Turns an error of commander into ours, with a suggestion. The message is redacted, because it can repeat a mistyped option with its
 * value, which may be a connection string.
 */
export function usageError({ code, message }: CommanderError, program: Command, argv: readonly string[]): SchemaError {
  if (code === 'commander.help') return new SchemaError('USAGE', 'A verb is missing');
  const text = redact(message.replace(/^error: /, ''));
  const [summary = '', why] = text.replace(/\.$/, '').split(/\. (.*)/s);
  const verb = argv.flatMap((word) => program.commands.find((command) => command.name() === word) ?? [])[0];
  const meant = choiceMeantBy(message) ?? meantBy(code, /'([^']+)'$/.exec(message)?.[1] ?? '', program, verb);
  const help = `\`schema${verb === undefined ? '' : ` ${verb.name()}`} --help\` lists the choices`;
  return new SchemaError('USAGE', summary.charAt(0).toUpperCase() + summary.slice(1), {
    why,
    fix: meant === undefined ? help : `did you mean ${meant}? ${help}`,
  });
}

/** Returns the valid value of an option that is closest to the one in commander's message. */
function choiceMeantBy(message: string): string | undefined {
  const [, word, choices] = /argument '([^']*)' is invalid\. Allowed choices are (.*)\.$/.exec(message) ?? [];
  return word === undefined ? undefined : nearest(word, choices?.split(', ') ?? []);
}

function meantBy(code: string, word: string, program: Command, verb: Command | undefined): string | undefined {
  if (code === 'commander.unknownCommand') return verbMeantBy(word, program);
  if (code !== 'commander.unknownOption') return undefined;
  const options = [...(verb?.options ?? []), ...program.options].flatMap(({ long }) => long?.slice(2) ?? []);
  const found = nearest(word.replace(/^-+/, '').replace(/=.*$/s, ''), [...options, 'help']);
  return found === undefined ? undefined : `--${found}`;
}

/** Returns the verb closest to an unknown word. */
export function verbMeantBy(word: string, program: Command): string | undefined {
  return (
    others.get(word) ??
    nearest(
      word,
      program.commands.map((command) => command.name()),
    )
  );
}
