import { families, type Sample } from './families';

/** A page as Prometheus reads it. */
export interface Page {
  readonly contentType: string;
  readonly text: string;
}

/** Writes samples as text, family by family. A family without a sample is left out, its help included. */
export async function expose(samples: readonly Sample[]): Promise<Page> {
  // Loaded only here: of all that the command line does, this alone needs it.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const { name, type, help, labels } of families) {
    const own = samples.filter((sample) => sample.name === name).sort(byLabels);
    if (own.length === 0) continue;
    const settings = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'gauge') {
      const gauge = new Gauge<string>(settings);
      for (const sample of own) gauge.set(sample.labels, sample.value);
    } else {
      // It is the server that counts, from its own start: so a counter of ours begins anew each time, at what it says.
      const counter = new Counter<string>(settings);
      for (const sample of own) counter.inc(sample.labels, sample.value);
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Values come in the order of the answers, and a page is easier to read and to compare in one order. */
function byLabels(one: Sample, other: Sample): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

function keyOf({ labels }: Sample): string {
  return JSON.stringify(Object.values(labels));
}
