import { reportOf } from '../support/schema-error';

/** What was found of one thing that the tool depends on. */
export interface DoctorLine {
  readonly name: string;
  /**
   * - `warning`: some verbs cannot do their work, or not all of it
   * - `problem`: no verb that needs this can work
   */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly found: string;
  readonly details?: readonly string[];
  /** What to do about it. */
  readonly fix?: string;
}

/** A line about what could not be used, as its error explains it. */
export function lineOf(error: unknown, name: string, state: 'warning' | 'problem'): DoctorLine {
  const { summary, why, fix } = reportOf(error);
  return { name, state, found: summary, ...(why && { details: why }), ...(fix !== undefined && { fix }) };
}
