import { createIndexes, migration } from '../src/migration';

/**
 * Results are read newest first by project and by target, filtered for charts, and searched by words, where a hit in
 * the title says more than one in the text. Jobs are listed beside them.
 */
export default migration(
  __filename,
  createIndexes('results', [
    {
      name: 'project_id_1_created_at_1',
      key: { project_id: 1, created_at: 1 },
      serves: "a project's newest results (read backwards) and its trend over time",
    },
    {
      name: 'target_id_1_created_at_1',
      key: { target_id: 1, created_at: 1 },
      serves: "a target's newest results (read backwards)",
    },
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's results, for export and for removal with the account" },
    { name: 'scrape_job_id_1', key: { scrape_job_id: 1 }, serves: 'what one job has found' },
    {
      name: 'analysis.sentiment.label_1',
      key: { 'analysis.sentiment.label': 1 },
      serves: 'results of one sentiment, and their share',
    },
    { name: 'content.date_1', key: { 'content.date': 1 }, serves: 'results by the day on which they were written' },
    { name: 'platform_1', key: { platform: 1 }, serves: 'results of one platform' },
    {
      name: 'content.text_text_content.title_text',
      key: { 'content.text': 'text', 'content.title': 'text' },
      weights: { 'content.title': 10, 'content.text': 5 },
      default_language: 'english',
      serves: 'searching reviews and posts by words, titles first',
    },
  ]),
  createIndexes('scrape_jobs', [
    {
      name: 'project_id_1_created_at_1',
      key: { project_id: 1, created_at: 1 },
      serves: "a project's latest jobs (read backwards)",
    },
    { name: 'status_1', key: { status: 1 }, serves: 'queued and running jobs, for the workers' },
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's jobs, counted against the plan" },
    { name: 'created_at_1', key: { created_at: 1 }, serves: 'the latest jobs of everyone in the admin list' },
  ]),
);
