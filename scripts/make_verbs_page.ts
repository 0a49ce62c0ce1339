import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  Application,
  Comment,
  DeclarationReflection,
  OptionDefaults,
  ReflectionKind,
  TSConfigReader,
  type TypeDocOptions,
  type CommentDisplayPart,
  type ProjectReflection,
  type SignatureReflection,
  type SomeType,
} from 'typedoc';
import { format, resolveConfig } from 'prettier';

// Writes docs/verbs.md, or the file that an argument names, from the docstrings of the verbs for migrations.

const project = path.resolve(__dirname, '..');

/** The sections, in the order of the page. */
const categories = ['Collections', 'Indexes', 'Validators', 'Views', 'Reference documents', 'Data', 'Lint'];

const head = `<!-- \`npm run docs\` writes this page from the docstrings in src/migration/verbs. -->

# Verbs

This page describes what a migration can do to a database: each verb with an example, the effect of its \`down\`, and its cost for a
database that is in use. The [cookbook](cookbook.md) shows the commands that write migrations with these verbs.
[Safe changes](safe-changes.md) describes the changes that take more than one release.

Import every verb from \`../src/migration\`. The arguments of a verb are checked when the migration is loaded. A verb can be interrupted
at any point and run again.
The examples are steps of a migration:

\`\`\`ts
export default migration(
  __filename,
  // here
);
\`\`\`
`;

/** The documentation of a verb. */
interface Verb {
  readonly name: string;
  readonly category: string;
  readonly signature: SignatureReflection;
}

async function makePage(): Promise<string> {
  const options: TypeDocOptions = {
    entryPoints: [path.join(project, 'src/migration/verbs/index.ts')],
    tsconfig: path.join(project, 'tsconfig.build.json'),
    blockTags: [...OptionDefaults.blockTags, '@down', '@cost'],
    logLevel: 'Warn',
    skipErrorChecking: true,
    validation: false,
    sort: ['source-order'],
    disableSources: true,
  };
  // Do not read typedoc.json, which is for docs/api.
  const app = await Application.bootstrap(options, [new TSConfigReader()]);
  const reflection = await app.convert();
  if (reflection === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
  const verbs = verbsOf(reflection);
  const unknown = verbs.find(({ category }) => !categories.includes(category));
  if (unknown)
    throw new Error(`${unknown.name}: category '${unknown.category}' is not one of ${categories.join(', ')}`);
  // For each type, by its name: the verb whose section lists the fields of the type.
  const told = new Map<string, string>();
  const parts = categories.flatMap((category) => [
    `## ${category}`,
    ...verbs.filter((verb) => verb.category === category).map(({ name, signature }) => describe(name, signature, told)),
  ]);
  const config = await resolveConfig(path.join(project, 'docs/verbs.md'));
  return format([head, ...parts].join('\n\n'), { ...config, parser: 'markdown' });
}

/** Returns the functions with a category. Other functions are only helpers of the verbs. */
function verbsOf(reflection: ProjectReflection): Verb[] {
  const functions = reflection
    .getReflectionsByKind(ReflectionKind.Function)
    .filter((one) => one instanceof DeclarationReflection);
  const unique = new Map(functions.flatMap(({ name, signatures }) => (signatures?.[0] ? [[name, signatures[0]]] : [])));
  return [...unique].flatMap(([name, signature]) => {
    const category = tagged(signature, '@category');
    return category === undefined ? [] : [{ name, category, signature }];
  });
}

function describe(name: string, signature: SignatureReflection, told: Map<string, string>): string {
  const parameters = (signature.parameters ?? []).map(
    ({ name: own, flags, type, defaultValue }) =>
      `${flags.isRest ? '...' : ''}${own === '__namedParameters' ? 'options' : own}${flags.isOptional || defaultValue !== undefined ? '?' : ''}: ${String(type)}`,
  );
  const see = tagged(signature, '@see');
  return [
    `### ${name}`,
    textOf(signature.comment?.summary ?? []),
    `    ${name}(${parameters.join(', ')})`,
    needed(name, signature, '@example'),
    ...(signature.parameters ?? []).flatMap(({ type }) => (type ? fieldsOf(type, told, name) : [])),
    `**Down:** ${inOneLine(needed(name, signature, '@down'))}`,
    `**Cost:** ${inOneLine(needed(name, signature, '@cost'))}`,
    ...(see === undefined ? [] : [`In the manual: <${see}>`]),
  ].join('\n\n');
}

/** Returns the fields of an object argument, or a link to the section that already lists them. */
function fieldsOf(type: SomeType, told: Map<string, string>, verb: string): string[] {
  const element = type.type === 'typeOperator' ? type.target : type;
  const one = element.type === 'array' ? element.elementType : element;
  if (one.type === 'reflection')
    return (one.declaration.children ?? []).flatMap((field) => (field.type ? fieldsOf(field.type, told, verb) : []));
  if (one.type !== 'reference') return [];
  const fields = one.reflection instanceof DeclarationReflection ? one.reflection.getProperties() : [];
  if (fields.length === 0) return [];
  const before = told.get(one.name);
  if (before !== undefined)
    return [`The fields of \`${one.name}\` are listed under [${before}](#${before.toLowerCase()}).`];
  told.set(one.name, verb);
  return [fields.map((field) => `- ${fieldInWords(field)}`).join('\n')];
}

function fieldInWords(field: DeclarationReflection): string {
  const comment = inOneLine(textOf(field.comment?.summary ?? field.getAllSignatures()[0]?.comment?.summary ?? []));
  const name = `\`${field.name}\`${field.flags.isOptional ? '' : ' (required)'}`;
  return comment === '' ? name : `${name}: ${comment}`;
}

function needed(name: string, signature: SignatureReflection, tag: `@${string}`): string {
  const text = tagged(signature, tag);
  if (text === undefined) throw new Error(`${name}: its docstring has no ${tag}`);
  return text;
}

function tagged(signature: SignatureReflection, tag: `@${string}`): string | undefined {
  const content = signature.comment?.getTag(tag)?.content;
  return content && textOf(content);
}

function textOf(parts: readonly CommentDisplayPart[]): string {
  return Comment.combineDisplayParts(parts).trim();
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

async function main(): Promise<void> {
  await writeFile(process.argv[2] ?? path.join(project, 'docs/verbs.md'), await makePage());
}

void main();
