import { testEmptyDatabase, testMovingIn } from './moving-in';

for (const applied of [0, 10, 19]) testMovingIn(applied);
testEmptyDatabase();
