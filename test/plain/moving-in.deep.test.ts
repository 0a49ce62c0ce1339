import { testEmptyDatabase, testMovingIn } from './moving-in';

for (const applied of [0, 19]) testMovingIn(applied);
testEmptyDatabase();
