import { expect, it } from 'vitest';
import { hashChanges } from '../../src/schema';
import { productMigrations } from '../support/product';

/** Written out, not read from frozen.json: that file is rewritten by the code that computes the hashes. */
const hashes = [
  ['20261123100000-collections.ts', '6dde2dc5a928225aa3e47e598c982672f223ec93d25488347730df8418e84c4d'],
  ['20261123100100-account_indexes.ts', 'e010cf6460cdec6f4788cd5fc43c37d50eeff895f9b614fbdbec4cab4f56a3e4'],
  ['20261123100200-project_indexes.ts', '132ba749a190896b841f91bf385d8899455a5636f39e96c09766e584eae519d9'],
  ['20261123100300-result_indexes.ts', 'aea837e7cce115be73195fa314a1c3139ce277dab162d7dab131da5963a30f0d'],
  ['20261123100400-webhook_indexes.ts', 'b9355a97772e3a9c7d5cd836d23a45144c56f71179a7ccb55777687abe1679c8'],
  ['20261123100500-preset_indexes.ts', 'b206959217ba86033de569cb8afa6f59d94fa1d2c0b336b324b9ef0b1fa5c3f9'],
  ['20261123100600-ttls.ts', 'c8662da052607a1a7b4c01572d0165d6adaa03c39774ae4fb2558b70639e1926'],
  ['20261123100700-account_validators.ts', '2c9f091c286bb9fdfbc59f677887842a7bb92af10bfe2075c02143739a5ddd95'],
  ['20261123100800-project_validators.ts', '40e6a7cf452645ac3a458bc978ac747793b024c53456f3543c113bcebb9c45d7'],
  ['20261123100900-result_validators.ts', '669062c8191790fb0bc218828f643fc873baef71d745f91c1318bcb2d6bf18c9'],
  ['20261123101000-webhook_validators.ts', '77d790e50a0afa0bf55116c043b0648a516ad86947e46688bcc76bedce4fc645'],
  ['20261123101100-preset_validators.ts', 'e483def1471a899759de007bd349071d31424a5977f785b95f0b45c3cdc00457'],
  ['20261123101200-system_presets.ts', '35656af435dba46f8f0313b814c54c893178f20491fb678f2beac51060cbb783'],
] as const;

it.each(hashes)('%s has the hash it was frozen with', (name, hash) => {
  const migration = productMigrations().find((one) => one.name === name);
  expect(migration && hashChanges(migration.changes)).toBe(hash);
});
