import { testEveryCommand } from './every-command';
import { killed } from './faults';

testEveryCommand([['when the process is killed right after it', killed, 2]]);
