/**
 * Why a connection failed, as far as that is known.
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
