import { createIndexes, migration } from '../src/migration';

/** An event fans out to the webhooks that want it; a webhook's page lists how its deliveries went. */
export default migration(
  __filename,
  createIndexes('webhooks', [
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's webhooks" },
    {
      name: 'enabled_1_events_1',
      key: { enabled: 1, events: 1 },
      serves: 'the enabled webhooks that want an event which just happened',
    },
  ]),
  createIndexes('webhook_deliveries', [
    {
      name: 'webhook_id_1_created_at_1',
      key: { webhook_id: 1, created_at: 1 },
      serves: "a webhook's latest deliveries (read backwards)",
    },
    { name: 'user_id_1', key: { user_id: 1 }, serves: 'deliveries to all webhooks of a user' },
    { name: 'status_1', key: { status: 1 }, serves: 'deliveries that wait for their next attempt' },
  ]),
);
