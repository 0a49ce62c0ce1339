import { describe, expect, it } from 'vitest';
import { relations } from '../../../models/relations';
import { foldMigrations } from '../../../src/migration';
import { schemaPage } from '../../../src/review';
import { canonicalJson, emptySchema, type Collection, type Schema } from '../../../src/schema';
import { fixture } from '../../support/fixture';
import { expectMermaid } from './mermaid';
import { shop, shopRelations, shopSchema } from '../shop';

const { migrations } = fixture;
const schema = foldMigrations(migrations);
const page = () => schemaPage(migrations, relations, schema);

describe('SCHEMA.md', () => {
  it('is the same each time', () => {
    expect(page()).toBe(page());
  });

  it('has a section for each collection, a row for each index, and what each index serves', () => {
    const text = page();
    for (const [name, { indexes = {} }] of Object.entries(schema)) {
      expect(text).toContain(`\n### ${name}\n`);
      const section = text.slice(text.indexOf(`\n### ${name}\n`)).split('\n### ')[1] ?? '';
      for (const index of Object.keys(indexes)) {
        const row = section.split('\n').find((line) => line.startsWith(`| \`${index}\` |`));
        expect(row?.split(' | ').at(-1)).toMatch(/^\S.* \|$/);
      }
    }
  });

  it('says times as people do', () => {
    const text = page();
    expect(text).toContain('| [webhook_deliveries](#webhook_deliveries) | `created_at` | 7 days |');
    expect(text).toContain('| [audit_logs](#audit_logs) | `created_at` | 1 year |');
    expect(text).toContain('| [refresh_tokens](#refresh_tokens) | `expires_at` | at the time in the field |');
  });

  it('shows every relation between collections that are there, and no other', () => {
    const { entities, relationships } = expectMermaid(page());
    expect(entities).toEqual(Object.keys(schema));
    const between = relations.filter(({ from, to }) => [from.split('.')[0] ?? '', to].every((name) => name in schema));
    expect(between.length).toBeGreaterThan(0);
    expect(between.length).toBeLessThan(relations.length);
    expect(relationships).toEqual(
      between.map(({ from, to }) => `${from.slice(0, from.indexOf('.'))} ${from.slice(from.indexOf('.') + 1)} ${to}`),
    );
  });

  it('draws a reference that no two documents share as one to one, and a list of references as many to many', () => {
    expect(page()).toMatch(/^ {2}projects \S+--o\| schedules : "project_id"$/m);
    expect(page()).toMatch(/^ {2}users \S+--o\{ schedules : "user_id"$/m);
    expect(schemaPage(shop, shopRelations, shopSchema())).toMatch(/^ {2}coupons \}o--o\{ orders : "coupon_ids"$/m);
  });

  it('is written for every kind of thing in a schema', async () => {
    await expect(schemaPage(shop, shopRelations, shopSchema())).toMatchFileSnapshot('../golden/SCHEMA.md');
  });

  it('is short for a project without migrations', async () => {
    await expect(schemaPage([], [], emptySchema)).toMatchFileSnapshot('../golden/SCHEMA-empty.md');
  });

  it('has tables whose rows have as many cells as their heads', () => {
    for (const text of [page(), schemaPage(shop, shopRelations, shopSchema())]) {
      const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
      const lines = text.split('\n');
      const tables = lines.filter((line) => line.startsWith('|'));
      expect(tables.length).toBeGreaterThan(10);
      for (const [at, line] of lines.entries()) {
        const above = lines[at - 1];
        if (line.startsWith('|') && above?.startsWith('|'))
          expect(`${line}: ${cells(line)}`).toBe(`${line}: ${cells(above)}`);
      }
    }
  });

  it('draws collections of any name', () => {
    const { orders, customers } = shopSchema() as Record<string, Collection>;
    const schema = { '7up': customers, 'a.b-c': orders } as Schema;
    const text = schemaPage([], [{ from: 'orders.customer_id', to: '7up' }], schema);
    expect(expectMermaid(text).entities).toEqual(['_7up', 'a_b-c']);
  });

  it('depends on nothing but the schema that schema.json holds', () => {
    const reread = JSON.parse(canonicalJson(shopSchema())) as Schema;
    // Its names are in another order there, and so are the words of the page.
    const wordsFor = (schema: Schema) =>
      schemaPage(shop, shopRelations, schema)
        .split(/[\s,]+/)
        .sort();
    expect(wordsFor(reread)).toEqual(wordsFor(shopSchema()));
  });
});
