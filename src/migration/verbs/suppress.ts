import type { Step } from '../types';
import { checkObject, checkReason, checkText } from './arguments';

/**
 * Lets a step off a lint rule, for a reason, which reports show. A suppression that nothing needs is reported itself.
 * @category Lint
 * @example
 * suppress(
 *   'SM004',
 *   'older logs are in the archive',
 *   changeTtl('audit_logs', 'created_at_1', { from: 31_536_000, to: 7_776_000 }),
 * ),
 * @down As the step by itself.
 * @cost As the step by itself.
 * @throws error with code `MIGRATION` when no reason is given.
 */
export function suppress<T extends Step>(code: string, reason: string, step: T): T {
  checkText('suppress', 'first argument', code);
  checkReason(`The suppression of ${code}`, reason, `say why it does not matter here: suppress('${code}', '…', step)`);
  checkObject('suppress', 'third argument', step, 'a step: what a verb makes');
  return { ...step, suppressions: [...(step.suppressions ?? []), { code, reason }] };
}
