/** An event of a backup, a verification or a restore. */
export type BackupEvent =
  | { readonly type: 'step'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Another run holds the lease, so this one waits. */
  | { readonly type: 'waiting'; readonly holder: string }
  | { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number };

export type OnEvent = (event: BackupEvent) => void;
