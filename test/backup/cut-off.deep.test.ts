import { testCutOff } from './cut-off';

testCutOff({ points: { spread: 30 } });
