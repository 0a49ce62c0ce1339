import { families, type Sample } from './families';

/** A page in the text format of Prometheus. */
export interface Page {
  readonly contentType: string;
  readonly text: string;
}

/** Returns samples as text, grouped by family. A family without samples is omitted, including its help line. */
export async function expose(samples: readonly Sample[]): Promise<Page> {
  // This library is loaded only here, because no other command needs it.
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
      // The server has counted since its own start, so a counter of this process must not add up these counts. Each page gets a new
      // counter, which is set to the server's count.
      const counter = new Counter<string>(settings);
      for (const sample of own) counter.inc(sample.labels, sample.value);
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Compares two samples. Samples arrive in any order, and a fixed order makes pages easier to read and to compare. */
function byLabels(one: Sample, other: Sample): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

function keyOf({ labels }: Sample): string {
  return JSON.stringify(Object.values(labels));
}
