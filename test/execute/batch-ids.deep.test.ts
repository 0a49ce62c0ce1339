import { testBatchIds } from './batch-ids';

testBatchIds(300);
