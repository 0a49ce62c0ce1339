import { testLostReplies } from './lost-replies';

const reads = ['aggregate dropped_old', 'find users', 'listCollections', 'listIndexes users'];
const writes = [
  'collMod old',
  'collMod users',
  'create addresses',
  'create projects',
  'createIndexes users',
  'drop dropped_old',
  'dropIndexes users',
  'findAndModify projects',
  'insert plans',
  'renameCollection old',
  'update users',
];

testLostReplies([
  ...reads.map((kind) => [kind, 'reply'] as const),
  ...writes.flatMap((kind) => (['command', 'reply'] as const).map((lost) => [kind, lost] as const)),
]);
