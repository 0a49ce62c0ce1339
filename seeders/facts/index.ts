/** Facts that documents of different collections share. */
export { foundAt, jobOfResult, jobsPerProject, resultsOfJob, spanOfJob } from './jobs';
export { projectFacts, targetsPerProject, type ProjectFacts } from './project';
export { days, hours, minutes } from './time';
export { emailOf, sharedAccounts, userFacts, type UserFacts } from './user';
