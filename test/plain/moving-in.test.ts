import { testMovingIn } from './moving-in';

testMovingIn(10);
