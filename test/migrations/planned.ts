import { productMigrations } from '../support/product';

/** The migrations that the product was planned with. Later ones may alter what these have made. */
export function plannedMigrations() {
  const migrations = productMigrations();
  const last = migrations.findIndex(({ name }) => /^\d+-system_presets\.ts$/.test(name));
  if (last === -1) throw new Error('migrations/ holds no migration of the system presets');
  return migrations.slice(0, last + 1);
}

/** The name of the last one. */
export function lastPlanned(): string {
  return plannedMigrations().at(-1)?.name ?? '';
}
