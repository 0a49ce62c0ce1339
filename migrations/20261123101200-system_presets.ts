import { ObjectId } from 'mongodb';
import { insertDocuments, migration } from '../src/migration';

const created_at = new Date('2026-11-23T00:00:00Z');

/** The five presets that everyone starts from. Their ids never change: projects refer to them. */
export default migration(
  __filename,
  insertDocuments('presets', [
    {
      _id: new ObjectId('5e0000000000000000000001'),
      user_id: null,
      name: 'starter',
      description: 'A first look at one product: two open sources, sentiment only, on the local model. Costs nothing.',
      price_class: 'free',
      sources: ['reddit', 'youtube'],
      pace: { requests_per_minute: 10, concurrency: 1 },
      llm: { tier: 'local', provider: 'ollama', temperature: 0 },
      analyses: { sentiment: true, emotions: false, topics: false, aspects: false, summary: false },
      limits: { targets: 3, results_per_run: 100, runs_per_day: 1 },
      created_at,
    },
    {
      _id: new ObjectId('5e0000000000000000000002'),
      user_id: null,
      name: 'standard',
      description:
        'Everyday monitoring of a brand: the large review sites, sentiment, emotions and topics, twice a day.',
      price_class: 'medium',
      sources: ['amazon', 'google_maps', 'reddit', 'trustpilot', 'youtube'],
      pace: { requests_per_minute: 30, concurrency: 3 },
      llm: { tier: 'balanced', temperature: 0.1 },
      analyses: { sentiment: true, emotions: true, topics: true, aspects: false, summary: true },
      limits: { targets: 25, results_per_run: 1000, runs_per_day: 2 },
      created_at,
    },
    {
      _id: new ObjectId('5e0000000000000000000003'),
      user_id: null,
      name: 'advanced',
      description:
        'Research in depth: shops, app stores and forums, every analysis on, the strongest models, six runs a day.',
      price_class: 'high',
      sources: [
        'amazon',
        'app_store',
        'google_maps',
        'google_play',
        'reddit',
        'steam',
        'trustpilot',
        'yelp',
        'youtube',
      ],
      pace: { requests_per_minute: 90, concurrency: 8 },
      llm: { tier: 'premium', temperature: 0.2 },
      analyses: { sentiment: true, emotions: true, topics: true, aspects: true, summary: true },
      limits: { targets: 100, results_per_run: 5000, runs_per_day: 6 },
      created_at,
    },
    {
      _id: new ObjectId('5e0000000000000000000004'),
      user_id: null,
      name: 'budget',
      description:
        'Many texts for little money: sentiment and topics on an economy model, at an unhurried pace, once a day.',
      price_class: 'low',
      sources: ['amazon', 'google_play', 'reddit', 'trustpilot'],
      pace: { requests_per_minute: 15, concurrency: 2 },
      llm: { tier: 'economy', temperature: 0 },
      analyses: { sentiment: true, emotions: false, topics: true, aspects: false, summary: false },
      limits: { targets: 15, results_per_run: 2000, runs_per_day: 1 },
      created_at,
    },
    {
      _id: new ObjectId('5e0000000000000000000005'),
      user_id: null,
      name: 'enterprise',
      description:
        'A whole portfolio around the clock: every source, every analysis, hourly, limits as the contract says.',
      price_class: 'custom',
      sources: [
        'amazon',
        'app_store',
        'google_maps',
        'google_play',
        'imdb',
        'reddit',
        'steam',
        'tripadvisor',
        'trustpilot',
        'web',
        'yelp',
        'youtube',
      ],
      pace: { requests_per_minute: 300, concurrency: 24 },
      llm: { tier: 'premium', temperature: 0.1 },
      analyses: { sentiment: true, emotions: true, topics: true, aspects: true, summary: true },
      limits: { targets: 1000, results_per_run: 20000, runs_per_day: 24 },
      created_at,
    },
  ]),
);
