import { testKilled } from './killed';

// In the middle of its dump; and when a name was given away, and when it was given anew.
testKilled({
  backupAt: [],
  restoreAt: [
    { kind: 'renameCollection results', occurrence: 1 },
    { kind: 'renameCollection restoring_results', occurrence: 1 },
  ],
  atMoments: false,
});
