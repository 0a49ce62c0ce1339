import { type MongoClient, type Document } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { hostsOf } from './options';
import { noneFits, noPrimary, problemOf, silence, wrongReplicaSet, type Problem } from './problems';

/** What a client has found out about its servers so far, by host and port. */
export type Sightings = ReadonlyMap<string, { readonly hello: Document } | { readonly failure: Error }>;

/** Watches what a client finds out: the error with which it gives up tells only part of it. */
export function watch(client: MongoClient): Sightings {
  const sightings = new Map<string, { hello: Document } | { failure: Error }>();
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => sightings.set(connectionId, { hello: reply }));
  client.on('serverHeartbeatFailed', ({ connectionId, failure }) => sightings.set(connectionId, { failure }));
  return sightings;
}

/**
 * Why a connection could not be made: what, where and the way out. Never a user or a password.
 * @returns Error with the code of the problem, and the driver's error as its cause.
 */
export function explain(error: unknown, url: string, sightings: Sightings): Error {
  const found = problemsByHost(error, url, sightings);
  const [[, first] = [undefined, undefined]] = found;
  const message = first
    ? `Cannot connect to MongoDB: ${describe(found)}. Way out: ${first.wayOut}`
    : `Cannot connect to MongoDB at ${hostsOf(url).join(', ')}: ${(error as Error).message}`;
  return Object.assign(new Error(message, { cause: error }), { code: first?.code ?? 'CONNECTION_FAILED' });
}

function problemsByHost(error: unknown, url: string, sightings: Sightings): (readonly [host: string, Problem])[] {
  const { searchParams, isSRV } = new ConnectionString(url);
  const tls = (searchParams.get('tls') ?? searchParams.get('ssl') ?? String(isSRV)) === 'true';
  const own = problemOf(error, tls);
  const isSelection = (error as Error).name === 'MongoServerSelectionError';
  if (own && !isSelection) return hostsOf(url).map((host) => [host, own]);
  if (!isSelection) return [];
  const wanted = searchParams.get('replicaSet');
  const hosts = [...new Set([...(isSRV ? [] : hostsOf(url).map(withPort)), ...sightings.keys()])];
  const hasPrimary = [...sightings.values()].some((one) => 'hello' in one && one.hello['isWritablePrimary'] === true);
  return hosts.flatMap((host) => {
    const sighting = sightings.get(host);
    if (!sighting) return [[host, silence]];
    if ('failure' in sighting) {
      const problem = problemOf(sighting.failure, tls);
      return problem ? [[host, problem]] : [];
    }
    const actual = sighting.hello['setName'] as string | undefined;
    if (wanted !== null && actual !== wanted) return [[host, wrongReplicaSet(wanted, actual)]];
    return [[host, hasPrimary ? noneFits : noPrimary]];
  });
}

/** As the driver writes a host. */
function withPort(host: string): string {
  return /:\d+$|\.sock$/.test(host) ? host.toLowerCase() : `${host.toLowerCase()}:27017`;
}

/** `at one:27017, two:27017: there is no such host; at three:27017: nothing listens there`. */
function describe(found: readonly (readonly [host: string, Problem])[]): string {
  const hosts = new Map<string, string[]>();
  for (const [host, { what }] of found) hosts.set(what, [...(hosts.get(what) ?? []), host]);
  return [...hosts].map(([what, where]) => `at ${where.join(', ')}, ${what}`).join('; ');
}
