import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../support/database';
import { projectFolder } from '../../support/project-folder';
import { pageOf, withSection } from './page';
import type { Recipe } from './recipe';
import { recipes } from './recipes';
import { Kitchen } from './walk';

const file = path.join(projectFolder, 'docs', 'cookbook.md');

/** Walks recipes, and compares what they show with the page. `--update` writes it anew. */
export function describeWalks(walked: readonly Recipe[], options: { readonly types?: boolean } = {}): void {
  let kitchen: Kitchen;
  let page = '';
  beforeAll(async () => {
    page = pageOf(recipes, readFileSync(file, 'utf8'));
    kitchen = await Kitchen.open();
  });
  afterAll(() => kitchen.close());

  describe('docs/cookbook.md', { timeout: 300_000 }, () => {
    it('has the recipes, in their order, and what each takes', async () => {
      await expect(page).toMatchFileSnapshot(file);
    });

    it('counts what a person types and edits', () => {
      const counted = recipes.map(({ title, does }) => ({
        title,
        commands: does.filter((action) => typeof action === 'string').length,
        edits: does.filter((action) => typeof action !== 'string').length,
      }));
      expect(counted).toEqual(recipes.map(({ title, commands, edits }) => ({ title, commands, edits })));
    });

    it.each(walked)('$title: the commands of the page lead to what it says', async (recipe) => {
      const shown = await withDatabase((database) => kitchen.walk(recipe, database, options));
      expect(Object.keys(shown.texts)).toEqual(recipe.shows);
      const next = withSection(page, recipe, shown);
      await expect(next).toMatchFileSnapshot(file);
      page = next;
    });

    if (options.types) it('leaves migrations that ESLint takes', () => kitchen.checkStyle());
  });
}
