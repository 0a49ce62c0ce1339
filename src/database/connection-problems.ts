import { MongoServerError, MongoServerSelectionError, type Document, type MongoClient } from 'mongodb';
import type { ConnectionErrorCode } from './connection-error-code';
import type { MongoUrl } from '../support/mongo-url';
import { redact } from '../support/redact';
import { overtaken } from './retry';
import { SchemaError } from '../support/schema-error';

export interface Problem {
  readonly code: ConnectionErrorCode;
  /** The problem, as the end of a sentence that begins with the host. */
  readonly what: string;
  readonly fix: string;
}

/** What a client has found out about each of its servers, by host and port. */
export type Sightings = ReadonlyMap<string, { readonly hello: Document } | { readonly failure: Error }>;

/** Records what a client finds out about its servers. The final error contains only a part of this information. */
export function watch(client: MongoClient): Sightings {
  const sightings = new Map<string, { hello: Document } | { failure: Error }>();
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => sightings.set(connectionId, { hello: reply }));
  client.on('serverHeartbeatFailed', ({ connectionId, failure }) => sightings.set(connectionId, { failure }));
  return sightings;
}

/**
 * Explains why a connection failed: the problem, the hosts, and the fix. The explanation never contains a user or a password.
 * @returns an error with the code of the problem, and the driver's error as its cause
 */
export function explainConnection(cause: unknown, url: MongoUrl, sightings: Sightings = new Map()): SchemaError {
  const found = problemsByHost(cause, url, sightings);
  const [[, first] = [undefined, undefined]] = found;
  const why = first ? describe(found) : `at ${url.hosts.join(', ')}: ${redact((cause as Error).message)}`;
  return new SchemaError(first?.code ?? 'CONNECTION_FAILED', 'Cannot connect to MongoDB', {
    why,
    fix: first?.fix,
    cause,
  });
}

/** Explains why a working connection ended: it was closed, or the server changed. */
export function explainLoss(cause: unknown, url: MongoUrl, sightings?: Sightings): SchemaError {
  // The client no longer found a server. The information about each server is more useful than the driver's error.
  if (cause instanceof MongoServerSelectionError) return explainConnection(cause, url, sightings);
  if (cause instanceof MongoServerError && cause.code === overtaken) {
    return new SchemaError('SERVER', 'A collection was dropped or renamed while it was read', {
      fix: 'run again',
      cause,
    });
  }
  return new SchemaError('CONNECTION_FAILED', 'The connection to MongoDB was lost', {
    why: `at ${url.hosts.join(', ')}: ${redact((cause as Error).message)}`,
    fix: 'run again when the server is available',
    cause,
  });
}

/** Returns an error for a read that a reachable server did not answer, such as `listIndexes of users`. */
export function unansweredError(what: string, url: MongoUrl, milliseconds: number, cause: unknown): SchemaError {
  return new SchemaError('NO_ANSWER', `The server did not answer ${what} within ${milliseconds / 1000} s`, {
    why: `at ${url.hosts.join(', ')}, which is reachable: the answer was lost on its way, or something blocks the read`,
    fix: 'run again; if it happens again, db.currentOp() shows what the server is doing; socketTimeoutMS in MONGODB_URL sets another limit',
    cause,
  });
}

function problemsByHost(error: unknown, url: MongoUrl, sightings: Sightings): (readonly [host: string, Problem])[] {
  const tls = (url.option('tls') ?? url.option('ssl') ?? String(url.isSrv)) === 'true';
  const own = problemOf(error, tls);
  const isSelection = (error as Error).name === 'MongoServerSelectionError';
  if (own && !isSelection) return url.hosts.map((host) => [host, own]);
  if (!isSelection) return [];
  const wanted = url.option('replicaSet');
  const hosts = [...new Set([...(url.isSrv ? [] : url.hosts.map(withPort)), ...sightings.keys()])];
  const hasPrimary = [...sightings.values()].some((one) => 'hello' in one && one.hello['isWritablePrimary'] === true);
  return hosts.flatMap((host) => {
    const sighting = sightings.get(host);
    if (!sighting) return [[host, silence]];
    if ('failure' in sighting) {
      const problem = problemOf(sighting.failure, tls);
      return problem ? [[host, problem]] : [];
    }
    const actual = sighting.hello['setName'] as string | undefined;
    if (wanted !== undefined && actual !== wanted) return [[host, wrongReplicaSet(wanted, actual)]];
    return [[host, hasPrimary ? noneFits : noPrimary]];
  });
}

/** Formats a host in the same way as the driver: in lower case, and with the port. */
function withPort(host: string): string {
  return /:\d+$|\.sock$/.test(host) ? host.toLowerCase() : `${host.toLowerCase()}:27017`;
}

/** Returns a text such as `at one:27017, two:27017: there is no such host; at three:27017: nothing listens there`. */
function describe(found: readonly (readonly [host: string, Problem])[]): string {
  const hosts = new Map<string, string[]>();
  for (const [host, { what }] of found) hosts.set(what, [...(hosts.get(what) ?? []), host]);
  return [...hosts].map(([what, where]) => `at ${where.join(', ')}, ${what}`).join('; ');
}

const hostNotFound: Omit<Problem, 'what'> = {
  code: 'HOST_NOT_FOUND',
  fix: 'correct the host in MONGODB_URL; between containers the host is the name of the service',
};
const refused: Omit<Problem, 'what'> = {
  code: 'CONNECTION_REFUSED',
  fix: 'start the server, or correct host and port in MONGODB_URL; inside a container, localhost is the container itself',
};
const noAnswer: Omit<Problem, 'what'> = {
  code: 'NO_ANSWER',
  fix: 'check the firewalls in between; on Atlas, add the address of this machine to the IP access list',
};
const loginRefused: Problem = {
  code: 'AUTHENTICATION_FAILED',
  what: 'the server refuses the login',
  fix:
    'correct user and password in MONGODB_URL, with special characters %-encoded, and authSource, the database ' +
    'of the user (usually authSource=admin)',
};
const serverSpeaksPlain: Problem = {
  code: 'TLS_FAILED',
  what: 'the server does not use TLS, which MONGODB_URL requires',
  fix: 'enable TLS on the server, or remove tls=true from MONGODB_URL',
};
const serverWantsTls: Problem = {
  code: 'TLS_FAILED',
  what: 'the server closes the connection before it answers, which happens if the server expects TLS',
  fix: 'add tls=true to MONGODB_URL; if the server does not use TLS, its log says why it closes the connection',
};
const handshakeRefused: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  fix: 'give the client certificate that the server requires (tlsCertificateKeyFile); on Atlas, add this machine to the IP access list',
};
const untrusted: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  fix: 'name the certificate of the authority that signed it in MONGODB_URL: tlsCAFile=/path/to/ca.pem',
};
const otherName: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  fix: 'use a host name in MONGODB_URL that is in the certificate',
};
const expired: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  fix: 'renew the certificate of the server, or correct the clock of this machine',
};
const noFile: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  fix: 'correct tlsCAFile, tlsCertificateKeyFile or tlsCRLFile in MONGODB_URL, and make the file readable for this process',
};

/** The problems, by the `code` of the error of Node, TLS, DNS, or the server. */
const byCode: ReadonlyMap<unknown, Problem> = new Map<unknown, Problem>([
  ...entries(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA'], hostNotFound, 'there is no such host'),
  ...entries(['ESERVFAIL', 'ETIMEOUT', 'EREFUSED'], hostNotFound, 'the name service does not answer for the host'),
  ...entries(['ECONNREFUSED'], refused, 'nothing listens there'),
  ...entries(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'], noAnswer, 'the host cannot be reached'),
  // AuthenticationFailed, UserNotFound, MechanismUnavailable, and the code that Atlas uses for all of them.
  ...[18, 11, 334, 8000].map((code) => [code, loginRefused] as const),
  ...entries(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'], untrusted, 'the certificate is self-signed'),
  ...entries(
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    untrusted,
    'the certificate is not signed by an authority that this machine trusts',
  ),
  ...entries(['ERR_TLS_CERT_ALTNAME_INVALID'], otherName, 'the certificate belongs to another host name'),
  ...entries(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'], expired, 'the certificate is not valid at this time'),
  ...entries(['ENOENT', 'EACCES', 'EISDIR'], noFile, 'a certificate file cannot be read'),
]);

function entries(codes: readonly string[], problem: Omit<Problem, 'what'>, what: string) {
  return codes.map((code) => [code, { ...problem, what: `${what} (${code})` }] as const);
}

/** Returns the problem behind an error of the driver or one of its causes. `tls`: whether the client uses TLS. */
export function problemOf(error: unknown, tls: boolean): Problem | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { name, message, code, syscall = '' } = at as NodeJS.ErrnoException;
    if (/before secure TLS connection|wrong version number/i.test(message)) return serverSpeaksPlain;
    if (code === 'ECONNREFUSED' && syscall.startsWith('query')) return byCode.get('EREFUSED');
    // The Unix socket of the server does not exist.
    if (code === 'ENOENT' && syscall === 'connect') return byCode.get('ECONNREFUSED');
    const known = byCode.get(code);
    if (known) return known;
    if (/^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(String(code)))
      return { ...handshakeRefused, what: `TLS fails (${String(code)})` };
    if (name === 'MongoNetworkTimeoutError') return { ...noAnswer, what: 'there is no answer' };
    if (name === 'MongoNetworkError' && /^connection .* closed$/.test(message)) {
      return tls
        ? { ...handshakeRefused, what: 'the server closes the TLS connection before it answers' }
        : serverWantsTls;
    }
  }
  return undefined;
}

/** @param wanted the option `replicaSet` in the connection string; `actual` is the name that the server reports */
export function wrongReplicaSet(wanted: string, actual: string | undefined): Problem {
  return actual === undefined
    ? {
        code: 'WRONG_REPLICA_SET',
        what: `the server belongs to no replica set, but MONGODB_URL names "${wanted}"`,
        fix: 'remove replicaSet from MONGODB_URL, or initiate the replica set',
      }
    : {
        code: 'WRONG_REPLICA_SET',
        what: `the server belongs to the replica set "${actual}", but MONGODB_URL names "${wanted}"`,
        fix: `set replicaSet=${actual} in MONGODB_URL, if this is the right server`,
      };
}

export const silence: Problem = { ...noAnswer, what: 'there is no answer' };

export const noPrimary: Problem = {
  code: 'NO_PRIMARY',
  what: 'the replica set has no primary',
  fix: 'initiate the replica set, or wait until it has elected a primary; if it does not elect one, find out why a majority of the members is down',
};

export const noneFits: Problem = {
  code: 'CONNECTION_FAILED',
  what: 'no member matches the read preference',
  fix: 'correct or remove readPreference, readPreferenceTags or maxStalenessSeconds in MONGODB_URL',
};
