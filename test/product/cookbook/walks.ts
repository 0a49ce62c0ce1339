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

/** Compares the page with the recipes, but for what their commands show. `--update` writes it anew. */
export function describePage(): void {
  describe('docs/cookbook.md', () => {
    it('has the recipes, in their order, and what each takes', async () => {
      await expect(pageOf(recipes, readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
    });

    it('counts what a person types and edits', () => {
      const counted = recipes.map(({ title, does }) => ({
        title,
        commands: does.filter((action) => typeof action === 'string').length,
        edits: does.filter((action) => typeof action !== 'string').length,
      }));
      expect(counted).toEqual(recipes.map(({ title, commands, edits }) => ({ title, commands, edits })));
    });
  });
}

/** Walks recipes, and compares what their commands show with the page. `--update` writes it anew. */
export function describeWalks(walked: readonly Recipe[]): void {
  let kitchen: Kitchen;
  let page = '';
  beforeAll(async () => {
    page = pageOf(recipes, readFileSync(file, 'utf8'));
    kitchen = await Kitchen.open();
  });
  afterAll(() => kitchen.close());

  describe('docs/cookbook.md', { timeout: 300_000 }, () => {
    it.each(walked)('$title: the commands of the page lead to what it says', async (recipe) => {
      const shown = await withDatabase((database) => kitchen.walk(recipe, database));
      expect(Object.keys(shown.texts)).toEqual(recipe.shows);
      const next = withSection(page, recipe, shown);
      await expect(next).toMatchFileSnapshot(file);
      page = next;
    });

    it('leaves migrations that ESLint takes', () => kitchen.checkStyle());
  });
}
