import { isExpressionOperator, namedArguments } from '../schema';
import { braces, hidden, isPlain, shownPath } from './redact';

const variables = /^\$\$(?:NOW|ROOT|CURRENT|REMOVE|CLUSTER_TIME)(?=\.|$)/;
const constants: ReadonlySet<string> = new Set(['$literal', '$const']);

/** Returns the shape of an expression, as in `$expr`: its operators and field paths, without values. */
export function expressionShape(expression: unknown): string {
  if (typeof expression === 'string') return pathShape(expression);
  if (Array.isArray(expression)) {
    const parts = expression.map(expressionShape);
    return parts.every((part) => part === hidden.one) ? hidden.several : `[${parts.join(', ')}]`;
  }
  if (!isPlain(expression)) return hidden.one;
  const [[operator, argument] = ['', undefined], ...more] = Object.entries(expression);
  if (more.length > 0 || !operator.startsWith('$') || constants.has(operator)) return hidden.one;
  if (!isExpressionOperator(operator)) return braces([`$${hidden.one}: ${hidden.one}`]);
  return braces([`${operator}: ${argumentShape(operator, argument)}`]);
}

/**
 * Returns the shape of a string. A string that begins with `$` is a field path or a variable. The names of user-defined variables are not
 * shown, because they can contain anything.
 */
function pathShape(text: string): string {
  if (text.startsWith('$$')) {
    const [known] = variables.exec(text) ?? [];
    return known === undefined ? `$$${hidden.one}` : shownPath(text);
  }
  return text.startsWith('$') ? shownPath(text) : hidden.one;
}

function argumentShape(operator: string, argument: unknown): string {
  const names = namedArguments(operator);
  if (!isPlain(argument) || names === undefined) return expressionShape(argument);
  const given = Object.entries(argument).filter(([name]) => names.includes(name));
  return braces(given.map(([name, inner]) => `${name}: ${name === 'as' ? hidden.one : expressionShape(inner)}`));
}
