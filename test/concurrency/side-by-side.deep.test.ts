import { testSideBySide } from './side-by-side';

testSideBySide({ rounds: 6, deploys: 8, pairs: 3, bareRuns: 4 });
