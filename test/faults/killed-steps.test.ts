import { testKilledSteps } from './killed-steps';

testKilledSteps({ kinds: ['backfill', 'once'], documents: 600, kills: 1 });
