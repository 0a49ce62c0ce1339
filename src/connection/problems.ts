/**
 * What keeps a connection from being made, as far as that can be told.
 * @category Connecting
 */
export type ConnectionErrorCode =
  | 'HOST_NOT_FOUND'
  | 'CONNECTION_REFUSED'
  | 'NO_ANSWER'
  | 'AUTHENTICATION_FAILED'
  | 'TLS_FAILED'
  | 'WRONG_REPLICA_SET'
  | 'NO_PRIMARY'
  | 'CONNECTION_FAILED';

export interface Problem {
  readonly code: ConnectionErrorCode;
  /** The end of a sentence that begins with the host. */
  readonly what: string;
  readonly wayOut: string;
}

const hostNotFound: Omit<Problem, 'what'> = {
  code: 'HOST_NOT_FOUND',
  wayOut: 'look for a typing mistake in the host of MONGODB_URL; among containers the host is the name of the service.',
};
const refused: Omit<Problem, 'what'> = {
  code: 'CONNECTION_REFUSED',
  wayOut: 'start the server, or correct host and port in MONGODB_URL; within a container, localhost is the container.',
};
const noAnswer: Omit<Problem, 'what'> = {
  code: 'NO_ANSWER',
  wayOut: "see whether a firewall is in between; on Atlas, put this machine's address on the IP access list.",
};
const loginRefused: Problem = {
  code: 'AUTHENTICATION_FAILED',
  what: 'the server refuses the login',
  wayOut:
    'correct user and password in MONGODB_URL, special characters in them %-encoded, and authSource, the database ' +
    'that keeps the user (most often authSource=admin).',
};
const serverSpeaksPlain: Problem = {
  code: 'TLS_FAILED',
  what: 'the server does not answer in TLS, which MONGODB_URL asks for',
  wayOut: 'switch TLS on in the server, or take tls=true out of MONGODB_URL.',
};
const serverWantsTls: Problem = {
  code: 'TLS_FAILED',
  what: 'the server ends the connection before it answers, as one does that expects TLS',
  wayOut: 'add tls=true to MONGODB_URL; if the server expects no TLS, its log says why it ends the connection.',
};
const handshakeRefused: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  wayOut:
    'give the certificate that the server asks for (tlsCertificateKeyFile); on Atlas, put this machine on the IP access list.',
};
const untrusted: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  wayOut: 'name the certificate of its authority in MONGODB_URL: tlsCAFile=/path/to/ca.pem.',
};
const otherName: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  wayOut: 'put a name into MONGODB_URL that the certificate is made out for.',
};
const expired: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  wayOut: 'renew the certificate of the server, or set the clock of this machine.',
};
const noFile: Omit<Problem, 'what'> = {
  code: 'TLS_FAILED',
  wayOut: 'correct tlsCAFile, tlsCertificateKeyFile or tlsCRLFile in MONGODB_URL, and let this process read the file.',
};

/** By the `code` of an error of Node, of TLS, of DNS, or of the server. */
const byCode: ReadonlyMap<unknown, Problem> = new Map<unknown, Problem>([
  ...entries(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA'], hostNotFound, 'there is no such host'),
  ...entries(['ESERVFAIL', 'ETIMEOUT', 'EREFUSED'], hostNotFound, 'the name service does not answer for the host'),
  ...entries(['ECONNREFUSED'], refused, 'nothing listens there'),
  ...entries(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'], noAnswer, 'no way leads there'),
  // AuthenticationFailed, UserNotFound, MechanismUnavailable, and what Atlas calls all of them.
  ...[18, 11, 334, 8000].map((code) => [code, loginRefused] as const),
  ...entries(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'], untrusted, 'the certificate is self-signed'),
  ...entries(
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    untrusted,
    'nobody known here vouches for the certificate',
  ),
  ...entries(['ERR_TLS_CERT_ALTNAME_INVALID'], otherName, 'the certificate is made out for another name'),
  ...entries(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'], expired, 'the certificate is not valid at this time'),
  ...entries(['ENOENT', 'EACCES', 'EISDIR'], noFile, 'a file of certificates cannot be read'),
]);

function entries(codes: readonly string[], problem: Omit<Problem, 'what'>, what: string) {
  return codes.map((code) => [code, { ...problem, what: `${what} (${code})` }] as const);
}

/** What an error of the driver, or one that caused it, says of the connection. `tls`: whether the client speaks TLS. */
export function problemOf(error: unknown, tls: boolean): Problem | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { name, message, code, syscall = '' } = at as NodeJS.ErrnoException;
    if (/before secure TLS connection|wrong version number/i.test(message)) return serverSpeaksPlain;
    if (code === 'ECONNREFUSED' && syscall.startsWith('query')) return byCode.get('EREFUSED');
    // A socket in the file system that is not there.
    if (code === 'ENOENT' && syscall === 'connect') return byCode.get('ECONNREFUSED');
    const known = byCode.get(code);
    if (known) return known;
    if (/^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(String(code)))
      return { ...handshakeRefused, what: `TLS fails (${String(code)})` };
    if (name === 'MongoNetworkTimeoutError') return { ...noAnswer, what: 'no answer comes' };
    if (name === 'MongoNetworkError' && /^connection .* closed$/.test(message)) {
      return tls
        ? { ...handshakeRefused, what: 'the server ends the TLS connection before it answers' }
        : serverWantsTls;
    }
  }
  return undefined;
}

/** As `replicaSet` in the connection string, and as the server says. */
export function wrongReplicaSet(wanted: string, actual: string | undefined): Problem {
  return actual === undefined
    ? {
        code: 'WRONG_REPLICA_SET',
        what: `the server belongs to no replica set, and MONGODB_URL names "${wanted}"`,
        wayOut: 'take replicaSet out of MONGODB_URL, or initiate the replica set.',
      }
    : {
        code: 'WRONG_REPLICA_SET',
        what: `the server belongs to the replica set "${actual}", and MONGODB_URL names "${wanted}"`,
        wayOut: `put replicaSet=${actual} into MONGODB_URL, if this is the right server.`,
      };
}

export const silence: Problem = { ...noAnswer, what: 'no answer comes' };

export const noPrimary: Problem = {
  code: 'NO_PRIMARY',
  what: 'the replica set has no primary',
  wayOut: 'initiate it, or wait for its election; if that does not end, see why a majority of the members is not up.',
};

export const noneFits: Problem = {
  code: 'CONNECTION_FAILED',
  what: 'no member fits the read preference',
  wayOut: 'correct readPreference, readPreferenceTags or maxStalenessSeconds in MONGODB_URL, or take them out.',
};
