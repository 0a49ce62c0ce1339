#!/usr/bin/env bash
# Checks a backup to its last byte, then restores it. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: restore_db.sh FILE [--drop] [--yes] [--dry-run] [--host HOST] [--port PORT] [--uri URI] [--database NAME]
                     [--safety-copy] [--out FOLDER] [--encrypt RECIPIENT | --plain-safety-copy]
                     [--lock-timeout SECONDS] [--json]
       restore_db.sh (--resume | --undo) [--host HOST] [--port PORT] [--uri URI] [--database NAME]

Checks FILE to its last byte before it changes anything. Then restores it, and compares the result with its manifest.

  --drop           replaces a database that is not empty. Asks first. If the restore fails, the database is as before.
                   Collections that are not in the backup are removed. The history stays.
  --yes            does not ask
  --dry-run        checks FILE and shows what would be done (with --drop for a database that is not empty)
  --uri, --host, --port, --database
                   the server and the database, as in backup_db.sh. With --drop, name the server. To restore into a database
                   with another name than the one that was backed up, name the database.
  --safety-copy    first makes a backup of the existing data
  --out FOLDER     the folder for the safety copy (default: the folder of FILE)
  --encrypt        encrypts the safety copy with gpg for this recipient. If FILE is encrypted, --safety-copy needs
                   either this option or --plain-safety-copy.
  --resume         completes a restore that was interrupted while it exchanged collections; without FILE
  --undo           undoes such a restore: the database is as before it; without FILE
  --lock-timeout   how many seconds to wait while another run holds the lease (default: 60)
  --json           prints one JSON document on stdout; progress always goes to stderr

`npm run schema -- restore --help` lists all options.

Exit codes: 0 done, 1 failed (the message describes the state of the database), 3 another run holds the lease,
4 the restore was interrupted (run --resume or --undo), 64 wrong arguments or environment.
HELP
}

run_operation restore MONGODB_URL --local "$@"
