import { recipes } from './cookbook/recipes';
import { describeWalks } from './cookbook/walks';

// The other ones, and types and code style of all, are in cookbook.deep.test.ts.
describeWalks(recipes.slice(0, 1));
