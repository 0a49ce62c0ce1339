import type { Step } from '../types';
import { checkObject, checkReason, checkText } from './arguments';

/**
 * Suppresses a lint rule for a step. Reports show the reason that you give. If the step does not break the rule, the suppression itself
 * is reported.
 * @category Lint
 * @example
 * suppress(
 *   'SM004',
 *   'older logs are in the archive',
 *   changeTtl('audit_logs', 'created_at_1', { from: 31_536_000, to: 7_776_000 }),
 * ),
 * @down The same as the step itself.
 * @cost The same as the step itself.
 * @throws error with code `MIGRATION` when no reason is given.
 */
export function suppress<T extends Step>(code: string, reason: string, step: T): T {
  checkText('suppress', 'first argument', code);
  checkReason(
    `The suppression of ${code}`,
    reason,
    `say why the finding does not matter here: suppress('${code}', '…', step)`,
  );
  checkObject('suppress', 'third argument', step, 'a step: the result of a verb');
  return { ...step, suppressions: [...(step.suppressions ?? []), { code, reason }] };
}
