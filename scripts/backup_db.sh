#!/usr/bin/env bash
# Makes a backup and reads it back. With --verify, also restores it as a test. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: backup_db.sh [--host HOST] [--port PORT] [--uri URI] [--database NAME] [--out FOLDER] [--retention DAYS]
                    [--encrypt RECIPIENT] [--verify] [--json]

Writes FOLDER/NAME_YYYYMMDD_HHMMSS.tar.gz (UTC), reads it back, then removes backups that are older than DAYS.

  --uri URI           the server (default: MONGODB_URL, else localhost:27017). Prefer MONGODB_URL: the list of processes
                      shows the arguments of this script until it has started.
  --host, --port      the server, if it has no users
                      With --uri, --host or --port, MONGODB_PASSWORD_FILE and MONGODB_DATABASE are not used.
  --database NAME     the database (default: MONGODB_DATABASE, else the one in the URI, else sentimatrix_studio)
  --out FOLDER        the folder for backups (default: ./backups)
  --retention DAYS    how long to keep backups (default: 7). The newest and the newest verified one always stay.
  --encrypt RECIPIENT encrypts with gpg, for a key in the key ring. The file name ends in .tar.gz.gpg.
  --verify            restores the backup as a test before the file gets its name: on MONGODB_VERIFY_URL, else on a
                      temporary mongod
  --json              prints one JSON document on stdout; progress always goes to stderr

Exit codes: 0 done, 1 failed, 3 another backup runs in FOLDER, 4 the database is half restored, 64 wrong arguments or
environment.
After any exit code but 0, there is no new file that looks like a backup, and no old backup was removed.
HELP
}

run_operation backup MONGODB_URL --local "$@"
