import { testOutages } from './outages';

testOutages({ members: 3, rounds: 10 });
