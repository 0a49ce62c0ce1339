import { allKinds, testKilledSteps } from './killed-steps';

testKilledSteps({ kinds: allKinds, documents: 6_000, kills: 20 });
