import { testUnanswered } from './unanswered';

testUnanswered([
  ['--undo', [{ kind: 'renameCollection replaced_first', occurrence: 1 }]],
  ['--resume', [{ kind: 'renameCollection restoring_results', occurrence: 1 }]],
]);
