import { recipes } from './cookbook/recipes';
import { describeWalks } from './cookbook/walks';

describeWalks(recipes);
