import type { Document } from 'mongodb';

const fields = [
  'locale',
  'caseLevel',
  'caseFirst',
  'strength',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'normalization',
  'backwards',
];

/**
 * The server fills in what a collation leaves out, with defaults that differ between locales. So a collation is
 * written out in full, or it would never equal what the server shows.
 * @throws Error naming the missing fields.
 */
export function checkCollation(collation: Document, whose: string): void {
  const missing = fields.filter((field) => !(field in collation));
  if (collation['locale'] === 'simple' || missing.length === 0) return;
  throw new Error(
    `${whose} has a collation without ${missing.join(', ')}: write it out in full, defaults differ by locale.`,
  );
}
