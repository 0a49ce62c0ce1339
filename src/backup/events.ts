/** What a backup, a verification or a restore tells while it runs. */
export type BackupEvent =
  | { readonly type: 'step'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Somebody else holds the lease. */
  | { readonly type: 'waiting'; readonly holder: string }
  | { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number };

export type OnEvent = (event: BackupEvent) => void;
