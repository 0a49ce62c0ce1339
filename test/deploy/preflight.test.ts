import { testPreflight } from './preflight';

testPreflight(2_000);
