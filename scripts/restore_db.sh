#!/usr/bin/env bash
# Restores a backup, after checking it to its last byte. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: restore_db.sh FILE [--drop] [--yes] [--dry-run] [--host HOST] [--port PORT] [--uri URI] [--database NAME]
                     [--out FOLDER] [--encrypt RECIPIENT | --plain-safety-copy] [--lock-timeout SECONDS] [--json]

Checks FILE to its last byte before it touches anything, restores it, and compares what is there with its manifest.

  --drop           replaces a database that is not empty: asks first, and leaves it as it was when the restore fails.
                   Collections that the backup lacks are removed. The history stays.
  --yes            does not ask
  --dry-run        checks FILE and shows what would be done (with --drop for a database that is not empty)
  --uri, --host, --port, --database
                   where to, as in backup_db.sh, but --drop needs a server that is named; and a database that is not the
                   one backed up has to be named
  --out FOLDER     where the safety copy goes; beside FILE unless given
  --encrypt        encrypts the safety copy with gpg for this recipient; for an encrypted FILE it, or --plain-safety-copy,
                   has to be given with --drop
  --lock-timeout   how long to wait while a deploy runs; 60

Exit codes: 0 done, 1 failed (the message says how the database is left), 3 another run holds the lease, 64 wrong
arguments or environment.
HELP
}

run_operation restore MONGODB_URL --local "$@"
