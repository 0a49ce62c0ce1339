import { reportOf } from '../support/schema-error';

/** The result of one check. */
export interface DoctorLine {
  readonly name: string;
  /**
   * - `warning`: some verbs do not work, or work only partly
   * - `problem`: no verb that depends on this check works
   */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly found: string;
  readonly details?: readonly string[];
  /** How to fix the problem. */
  readonly fix?: string;
}

/** Returns the line for a check that threw this error. */
export function lineOf(error: unknown, name: string, state: 'warning' | 'problem'): DoctorLine {
  const { summary, why, fix } = reportOf(error);
  return { name, state, found: summary, ...(why && { details: why }), ...(fix !== undefined && { fix }) };
}
