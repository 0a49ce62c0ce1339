/** What may happen to a deploy from outside. All of it shares one server, which takes longer to start than most tests. */
import { useOwnServer } from '../support/own-server';
import { startDeployHere } from '../support/running-command';
import { testBlockedTable } from './blocked-table';
import { testLostLease } from './lost-lease';
import { testShortLosses } from './short-losses';
import { testSignals } from './signals';
import { testWaiting } from './waiting';

const server = useOwnServer();
const start = startDeployHere;

testWaiting(server, {
  start,
  lockTimeout: '0.3',
  holders: ['deploy'],
  unlockedWhile: ['another run waits'],
  runsOut: 'at once',
});
testLostLease(server, { runsOut: 'at once', pauses: 'in an index build' });
testSignals(server, { signals: ['SIGTERM'], runsOut: 'at once', ddlWait: 1_500 });
testBlockedTable(server, { start, wait: 0.5, givingUpAfter: ['0.05', '0'] });
testShortLosses(server, { reads: ['changelog', 'listCollections'], codes: [11602], losses: 1 });
