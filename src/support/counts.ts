/** `1 change`, `2 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `1 document`, `2 documents`. */
export function documents(number: number): string {
  return count(number, 'document');
}
