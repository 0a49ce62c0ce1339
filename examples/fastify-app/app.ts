import { fastify } from 'fastify';
import { ObjectId } from 'mongodb';
import { close, collections, connect, healthPlugin } from 'sentimatrix-schema';

/** Returns a project's newest results, and answers health probes. */
async function main(): Promise<void> {
  // Uses MONGODB_URL and MONGODB_DATABASE. If it fails, the message says what is wrong, where, and the fix.
  const db = await connect({ appName: 'fastify-app' });
  const { projects, results } = collections(db);
  const app = fastify({ forceCloseConnections: 'idle' });

  app.register(healthPlugin(db));

  app.get<{ Params: { id: string } }>('/projects/:id/results', async ({ params }, reply) => {
    if (!ObjectId.isValid(params.id)) return reply.code(400).send({ error: 'a project has an id of 24 hex digits' });
    const project = await projects.findOne({ _id: new ObjectId(params.id) }, { projection: { name: 1 } });
    if (!project) return reply.code(404).send({ error: 'there is no such project' });
    // Uses the index project_id_1_created_at_1 in reverse order.
    const newest = await results.find({ project_id: project._id }).sort({ created_at: -1 }).limit(20).toArray();
    return {
      project: project.name,
      results: newest.map(({ content, analysis, created_at }) => ({
        text: content.text,
        sentiment: analysis?.sentiment.label ?? null,
        created_at,
      })),
    };
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void app.close().then(() => close());
    });
  }
  console.log(await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
