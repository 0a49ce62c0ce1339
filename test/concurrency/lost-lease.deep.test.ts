import { useOwnServer } from '../support/own-server';
import { testLostLease } from './lost-lease';

testLostLease(useOwnServer(), { runsOut: 'with the time', pauses: 'everywhere' });
