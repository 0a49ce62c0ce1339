import { testUnanswered } from './unanswered';

const kinds = [
  'find changelog',
  'find schema_history',
  'find schema_lock',
  'find schema_checkpoints',
  'findAndModify schema_lock',
  'update schema_lock',
  'createIndexes changelog',
  'createIndexes schema_history',
  'insert schema_history',
  'update changelog',
  'delete changelog',
  'update schema_checkpoints',
  'delete schema_checkpoints',
];

testUnanswered({
  commands: kinds.flatMap((kind) => (['command', 'reply'] as const).map((lost) => [kind, lost] as const)),
  leases: [2, 10],
});
