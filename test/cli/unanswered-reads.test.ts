import { testUnansweredReads } from './unanswered-reads';

testUnansweredReads((commands) => [commands]);
