import { describe, expect, it } from 'vitest';
import { asTyped } from '../../src/cli/as-typed';

describe('The commands that texts name', () => {
  it.each([
    ['$ npm run schema -- diff live head --exit-code', '$ schema diff live head --exit-code'],
    ['$ npm run health -- --port 9000', '$ schema health --port 9000'],
    ['$ npm run lint:migrations -- --base origin/main', '$ schema lint --base origin/main'],
    ['$ npm run --silent schema -- health --once --json', '$ schema health --once --json'],
    ['choose another port: `npm run db -- --port 27018`', 'choose another port: `schema db --port 27018`'],
    ['`npm run deploy` creates it again.', '`schema deploy` creates it again.'],
    // These are of a checkout, wherever one reads of them.
    ['in a checkout: `npm run schema -- snapshot`', 'in a checkout: `npm run schema -- snapshot`'],
    ['from a checkout, `npm run schema` loads TypeScript', 'from a checkout, `npm run schema` loads TypeScript'],
    ['run `npm run deploy-all`, `npm run check`', 'run `npm run deploy-all`, `npm run check`'],
  ])('are those of the compiled program, where that runs: %s', (text, typed) => {
    expect(asTyped(text, true)).toBe(typed);
    expect(asTyped(text)).toBe(text);
  });
});
