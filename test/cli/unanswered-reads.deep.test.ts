import { testUnansweredReads } from './unanswered-reads';

testUnansweredReads((commands) => Array.from({ length: commands }, (_, at) => at + 1));
