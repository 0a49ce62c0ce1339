import type { Step } from '../types';

/**
 * Lets a step off a lint rule: `suppress('SM004', 'the collection is empty everywhere', createIndexes(…))`. The reason is
 * shown in reports, and a suppression that nothing needs is reported itself.
 * @throws Error when no reason is given.
 */
export function suppress<T extends Step>(code: string, reason: string, step: T): T {
  if (reason.trim() === '') throw new Error(`Say why ${code} does not matter here: suppress('${code}', '…', step).`);
  return { ...step, suppressions: [...(step.suppressions ?? []), { code, reason }] };
}
