import { testKilled } from './killed';

// A restore is cut off at its commands in cut-off.deep.test.ts.
testKilled({
  backupAt: 'each command',
  restoreAt: [{ kind: 'insert restoring_results', occurrence: 2 }],
  atMoments: true,
});
