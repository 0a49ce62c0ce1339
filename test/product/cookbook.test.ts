import { describePage } from './cookbook/walks';

// cookbook.deep.test.ts carries out the commands of the recipes: each starts many processes.
describePage();
