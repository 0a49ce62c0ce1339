import { useOwnServer } from '../support/own-server';
import { startDeploy } from '../support/running-command';
import { testBlockedTable } from './blocked-table';

testBlockedTable(useOwnServer(), { start: startDeploy, wait: 2, givingUpAfter: ['0.3', '0.1', '0'] });
