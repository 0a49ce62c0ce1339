import { isPlainObject, isTypedValue, type Plain } from '../schema';

/** Returns whether a value can be written as a literal, without classes of the driver. */
export function isLiteral(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isLiteral);
  const plain = value as Plain | undefined;
  return !isPlainObject(plain) || (!isTypedValue(plain) && Object.values(plain).every(isLiteral));
}
