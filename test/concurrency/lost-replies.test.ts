import { testLostReplies } from './lost-replies';

testLostReplies([
  ['collMod users', 'reply'],
  ['createIndexes users', 'command'],
  ['renameCollection old', 'reply'],
  ['update users', 'command'],
  ['findAndModify projects', 'reply'],
  ['listIndexes users', 'reply'],
]);
