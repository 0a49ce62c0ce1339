import { testOutages } from './outages';

testOutages({ members: 1, rounds: 2 });
