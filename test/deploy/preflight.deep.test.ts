import { testPreflight } from './preflight';

testPreflight(100_000);
