import { testBlocked } from './blocked';

testBlocked(100_000);
