import { testSideBySide } from './side-by-side';

testSideBySide({ rounds: 1, deploys: 4, pairs: 2, bareRuns: 3 });
