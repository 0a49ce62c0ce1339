import { testEveryCommand } from './every-command';
import { cutBefore, refused, replyLost } from './faults';

testEveryCommand([
  ['when the server refuses it', refused, 4],
  ['when the connection ends before it', cutBefore, 6],
  ['when its reply is lost', replyLost, 6],
]);
