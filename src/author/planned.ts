import type { Step } from '../migration';
import type { Frame } from './text';

/** A migration to write: its text, and the steps that the text stands for. */
export interface Planned {
  /** What is put behind the name that the person gave. */
  readonly suffix?: string;
  readonly frame: Frame;
  readonly steps: readonly Step[];
  /** Collections and views that it makes without a model: the product's roles have to know them. */
  readonly makes?: readonly string[];
  /** The collection whose fields it changes: the product's model and test data have to change with it. */
  readonly changesFieldsOf?: string;
  /** What a person has to fill in; nothing where it is whole. */
  readonly fillIn?: string;
}
