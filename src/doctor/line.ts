import { reportOf } from '../support/schema-error';

/** The result of one check. */
export interface DoctorLine {
  readonly name: string;
  /**
   * - `warning`: some verbs cannot work, or only partly
   * - `problem`: no verb that needs this can work
   */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly found: string;
  readonly details?: readonly string[];
  /** How to fix it. */
  readonly fix?: string;
}

/** Returns a line for a failed check, from its error. */
export function lineOf(error: unknown, name: string, state: 'warning' | 'problem'): DoctorLine {
  const { summary, why, fix } = reportOf(error);
  return { name, state, found: summary, ...(why && { details: why }), ...(fix !== undefined && { fix }) };
}
