import type { Target } from '../../deploy';
import type { OnEvent } from './events';
import type { RestorePlan } from './restore-plan';

/** What a restore can be told. */
export interface RestoreOptions extends Target {
  readonly file: string;
  /** Whether the target was named for this restore: else it must be the database that was backed up. */
  readonly isNamed?: boolean | undefined;
  /** Replaces what is there. */
  readonly drop?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** Where the safety copy goes; beside the file unless given. */
  readonly folder?: string | undefined;
  /** A recipient that gpg knows, for the safety copy. */
  readonly encryptTo?: string | undefined;
  /** The safety copy may be readable although the file is encrypted. */
  readonly plainSafetyCopy?: boolean | undefined;
  /** Asked before anything is removed. */
  readonly confirm: (plan: RestorePlan) => Promise<boolean>;
  /** How long to wait for the lease of another run, in milliseconds. A minute unless given. */
  readonly lockTimeout?: number | undefined;
  /** 2 to 30. 30 unless given. */
  readonly leaseSeconds?: number | undefined;
  /** The folder of the migrations; this repository's own unless given. */
  readonly migrations?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}
