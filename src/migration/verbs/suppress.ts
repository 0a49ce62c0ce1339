import type { Step } from '../types';
import { checkObject, checkReason, checkText } from './arguments';

/**
 * Lets a step off a lint rule: `suppress('SM004', 'the collection is empty everywhere', createIndexes(…))`. The reason is
 * shown in reports, and a suppression that nothing needs is reported itself.
 * @throws error with code `MIGRATION` when no reason is given.
 */
export function suppress<T extends Step>(code: string, reason: string, step: T): T {
  checkText('suppress', 'first argument', code);
  checkReason(`The suppression of ${code}`, reason, `say why it does not matter here: suppress('${code}', '…', step)`);
  checkObject('suppress', 'third argument', step, 'a step: what a verb makes');
  return { ...step, suppressions: [...(step.suppressions ?? []), { code, reason }] };
}
