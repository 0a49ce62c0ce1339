import { describe } from 'vitest';
import { testStepDown, useFailovers } from './failover';

const failovers = useFailovers();

describe('In the middle of an index build', () => {
  testStepDown(failovers);
});
