import { testKilledBackfill } from './killed-backfill';

testKilledBackfill({ folder: 'backfill', documents: 12_000, kills: 20 });
testKilledBackfill({ folder: 'once', documents: 12_000, kills: 20 });
