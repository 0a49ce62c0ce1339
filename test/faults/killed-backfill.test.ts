import { testKilledBackfill } from './killed-backfill';

testKilledBackfill({ folder: 'backfill', documents: 5_000, kills: 1 });
testKilledBackfill({ folder: 'once', documents: 5_000, kills: 1 });
