import { createIndexes, migration } from '../src/migration';

/** The dashboard lists projects and their targets; the scheduler polls for what is due. */
export default migration(
  __filename,
  createIndexes('projects', [
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's projects" },
    {
      name: 'user_id_1_status_1',
      key: { user_id: 1, status: 1 },
      serves: "a user's projects by status on the dashboard",
    },
    { name: 'created_at_1', key: { created_at: 1 }, serves: 'the newest projects in the admin list' },
    {
      name: 'config.schedule.next_run_at_1',
      key: { 'config.schedule.next_run_at': 1 },
      serves: 'projects whose next run is due',
    },
  ]),
  createIndexes('targets', [
    { name: 'project_id_1', key: { project_id: 1 }, serves: "a project's targets" },
    {
      name: 'project_id_1_status_1',
      key: { project_id: 1, status: 1 },
      serves: "a project's active targets, for a job that starts",
    },
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's targets, counted against the plan" },
    { name: 'url_1', key: { url: 1 }, serves: 'whether a page is followed already' },
    {
      name: 'project_id_1_platform_1',
      key: { project_id: 1, platform: 1 },
      serves: "a project's targets on one platform",
    },
  ]),
  createIndexes('schedules', [
    { name: 'project_id_1', key: { project_id: 1 }, unique: true, serves: "a project's schedule, of which it has one" },
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's schedules" },
    {
      name: 'enabled_1_next_run_1',
      key: { enabled: 1, next_run: 1 },
      serves: 'enabled schedules that are due, the earliest first',
    },
  ]),
);
