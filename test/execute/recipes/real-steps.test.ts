import { testRealSteps } from './real-steps';

testRealSteps({ losses: false });
