import type { HistoryViolation, SuppressionUse } from '../types';

export function* unusedSuppression(uses: readonly SuppressionUse[]): Generator<HistoryViolation<{ code: string }>> {
  for (const use of uses) {
    const { code } = use.suppression;
    if (!use.rule || use.isUsed !== false) continue;
    const message = use.rule.final
      ? `${code} cannot be suppressed.`
      : `The step does not break ${code} (${use.rule.title}).`;
    yield { ...placeOf(use), message, names: { code } };
  }
}

export function* unknownSuppression(
  uses: readonly SuppressionUse[],
): Generator<HistoryViolation<{ near: string | undefined }>> {
  for (const use of uses) {
    if (use.rule) continue;
    const hint = use.near === undefined ? '' : `; ${use.near} is similar`;
    yield { ...placeOf(use), message: `There is no rule ${use.suppression.code}${hint}.`, names: { near: use.near } };
  }
}

function placeOf({ migration, step }: SuppressionUse) {
  const [location] = step.changes;
  return { migration, step, ...(location && { location }) };
}
