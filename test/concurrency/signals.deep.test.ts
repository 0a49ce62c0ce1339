import { useOwnServer } from '../support/own-server';
import { testSignals } from './signals';

testSignals(useOwnServer(), {
  signals: ['SIGTERM', 'SIGINT'],
  runsOut: 'with the time',
  ddlWait: 5_000,
  dataSteps: 'all',
});
