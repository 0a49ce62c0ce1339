import { testBlocked } from './blocked';

testBlocked(5_000);
