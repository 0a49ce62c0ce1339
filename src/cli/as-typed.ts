/** Texts name commands as they are typed in a checkout, by the scripts of its package.json. */
const inCheckout =
  /(?<!in a checkout: `)npm run (?:--silent )?(?:schema --|(db|deploy|diff|drift|health|history|lint|plan|rollback|seed|status)(?::migrations)?(?: --)?)(?=[\s`'"\\.,;)]|$)/g;

/** A text with its commands as they are typed where this runs: an installed package has `schema` alone, and no such scripts. */
export function asTyped(text: string, isCompiled = __filename.endsWith('.js')): string {
  return isCompiled
    ? text.replace(inCheckout, (_, verb?: string) => (verb === undefined ? 'schema' : `schema ${verb}`))
    : text;
}
