import { testOddShapes } from './odd-shapes';

testOddShapes({ cases: 8, runs: 15 });
