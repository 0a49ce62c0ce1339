import { useOwnServer } from '../support/own-server';
import { testShortLosses } from './short-losses';

testShortLosses(useOwnServer(), {
  reads: ['changelog', 'schema_history', 'schema_lock', 'listCollections', 'listIndexes'],
  codes: [89, 91, 10107, 11602],
  losses: 2,
});
