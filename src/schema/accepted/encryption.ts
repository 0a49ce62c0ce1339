import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { bsonTypes } from './types';
import { show } from './values';

const random = 'AEAD_AES_256_CBC_HMAC_SHA_512-Random';
const algorithms: readonly Plain[] = [random, 'AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic'];

const checks: Readonly<Record<string, (value: Plain) => boolean>> = {
  bsonType: (value) =>
    (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' && bsonTypes.has(one)),
  algorithm: (value) => algorithms.includes(value),
  keyId: (value) => (Array.isArray(value) ? (value as readonly Plain[]).every(isUuid) : isPointer(value)),
};

/** Returns the problem with the value of `encrypt`, as text that follows its path; undefined when the value is valid. */
export function encryptProblem(value: Plain): string | undefined {
  return isPlainObject(value)
    ? problemIn(value, ['bsonType', 'algorithm', 'keyId'])
    : `needs an object, and is ${show(value)}`;
}

export function encryptMetadataProblem(value: Plain): string | undefined {
  if (!isPlainObject(value) || Object.keys(value).length === 0)
    return `needs an object that is not empty, and is ${show(value)}`;
  return problemIn(value, ['algorithm', 'keyId']);
}

/** Returns whether a value contains an `encrypt` or `encryptMetadata`. The action of a validator with these must not be `warn`. */
export function encrypts(value: Plain): boolean {
  if (Array.isArray(value)) return value.some(encrypts);
  if (!isPlainObject(value)) return false;
  return 'encrypt' in value || 'encryptMetadata' in value || Object.values(value).some(encrypts);
}

function problemIn(value: PlainObject, known: readonly string[]): string | undefined {
  const wrong = Object.entries(value).find(([name, inner]) => !known.includes(name) || checks[name]?.(inner) !== true);
  if (wrong === undefined) return undefined;
  const [name, inner] = wrong;
  return known.includes(name)
    ? `has \`${name}: ${show(inner)}\`, which is not allowed`
    : `does not allow \`${name}\`, only ${known.join(', ')}`;
}

function isUuid(value: Plain): boolean {
  if (!isPlainObject(value)) return false;
  const binary = value['$binary'];
  return '$uuid' in value || (isPlainObject(binary) && binary['subType'] === '04');
}

function isPointer(value: Plain): boolean {
  return typeof value === 'string' && value.startsWith('/');
}
