import { testSideBySide } from './side-by-side';

testSideBySide({ rounds: 1, unprepared: false, deploys: 3, pairs: 1, bareRuns: 2 });
