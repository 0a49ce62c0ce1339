import { testOddShapes } from './odd-shapes';

testOddShapes({ cases: 2, runs: 1 });
