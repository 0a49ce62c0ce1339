import { testUnanswered } from './unanswered';

testUnanswered([
  ['--undo', 'all'],
  ['--resume', 'all'],
]);
