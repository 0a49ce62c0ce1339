import { testUnanswered } from './unanswered';

testUnanswered({
  commands: [
    ['findAndModify schema_lock', 'reply'],
    ['update schema_lock', 'command'],
    ['insert schema_history', 'reply'],
    ['update changelog', 'command'],
    ['update schema_checkpoints', 'reply'],
    ['delete changelog', 'reply'],
  ],
  leases: [2],
});
