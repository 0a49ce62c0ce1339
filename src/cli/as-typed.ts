/** Matches commands in a text that use the npm scripts of a checkout, such as `npm run deploy`. */
const inCheckout =
  /(?<!in a checkout: `)npm run (?:--silent )?(?:schema --|(db|deploy|diff|drift|health|history|lint|plan|rollback|seed|status)(?::migrations)?(?: --)?)(?=[\s`'"\\.,;)]|$)/g;

/** Rewrites the commands in a text to a form that works. An installed package has no npm scripts, only the command `schema`. */
export function asTyped(text: string, isCompiled = __filename.endsWith('.js')): string {
  return isCompiled
    ? text.replace(inCheckout, (_, verb?: string) => (verb === undefined ? 'schema' : `schema ${verb}`))
    : text;
}
