import { testKilled } from './killed';

testKilled({
  // When the dump is done.
  backupAt: [{ kind: 'find changelog', occurrence: 2 }],
  restoreAt: [
    // When a part of the backup is loaded, and when a name was given away and when it was given anew.
    { kind: 'insert restoring_results', occurrence: 2 },
    { kind: 'renameCollection results', occurrence: 1 },
    { kind: 'renameCollection restoring_results', occurrence: 1 },
  ],
  atMoments: false,
});
