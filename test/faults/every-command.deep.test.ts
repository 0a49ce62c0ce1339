import { faultCases, testFaults } from './every-command';

testFaults(faultCases, {
  commands: 'all',
  faults: [
    ['once', 1, 1],
    // What the second run finds differs little from one command to the next.
    ['twice in a row, at every tenth command,', 2, 10],
  ],
});
