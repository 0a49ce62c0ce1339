import type { Step } from '../migration';
import type { Frame } from './text';

/** A migration to write: its text, and the steps that the text describes. */
export interface Planned {
  /** Appended to the name that the person gave. */
  readonly suffix?: string;
  readonly frame: Frame;
  readonly steps: readonly Step[];
  /** New collections and views without a model. The roles of the product must list them. */
  readonly makes?: readonly string[];
  /** The collection whose fields change. The model and test data of the product must change too. */
  readonly changesFieldsOf?: string;
  /** What a person has to fill in; undefined when the migration is complete. */
  readonly fillIn?: string;
}
