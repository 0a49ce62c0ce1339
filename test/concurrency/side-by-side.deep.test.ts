import { testSideBySide } from './side-by-side';

testSideBySide({ rounds: 6, unprepared: true, deploys: 8, pairs: 3, bareRuns: 4 });
