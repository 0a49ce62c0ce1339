import { expect, it } from 'vitest';
import { lint } from '../../src/review/lint';
import { productMigrations } from '../support/product';
import { projectFolder as project } from '../support/project-folder';

it('The migrations of the product have no error by the rules', () => {
  const { judged, errors } = lint(productMigrations(), { project });
  expect(judged.length).toBeGreaterThan(0);
  expect(errors).toBe(0);
});

it('The first version of the product has an index beside a longer one where its contract asks for both, and no other finding', () => {
  const migrations = productMigrations();
  const last = migrations.findIndex(({ name }) => name.endsWith('-system_presets.ts'));
  const { judged, findings } = lint(migrations.slice(0, last + 1), { project });
  expect(judged).toHaveLength(last + 1);
  expect(findings.map(({ code, place }) => `${code} ${String(place)}`)).toEqual([
    'SM013 index api_keys.user_id_1',
    'SM013 index projects.user_id_1',
    'SM013 index targets.project_id_1',
    'SM013 index presets.user_id_1',
  ]);
});
