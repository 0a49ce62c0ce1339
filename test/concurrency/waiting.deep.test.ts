import { useOwnServer } from '../support/own-server';
import { startDeploy } from '../support/running-command';
import { testWaiting } from './waiting';

testWaiting(useOwnServer(), {
  start: startDeploy,
  lockTimeout: '2',
  holders: ['deploy', 'migrate-mongo'],
  unlockedWhile: ['nobody waits', 'another run waits'],
  runsOut: 'with the time',
});
