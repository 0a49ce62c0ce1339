import { faultCases, killCases, testFaults } from './every-command';

testFaults([...faultCases, ...killCases], { commands: 'sample', faults: [['once', 1, 1]] });
