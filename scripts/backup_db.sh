#!/usr/bin/env bash
# Takes a backup that is read back, and restored for a trial if asked for. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: backup_db.sh [--host HOST] [--port PORT] [--uri URI] [--database NAME] [--out FOLDER] [--retention DAYS]
                    [--encrypt RECIPIENT] [--verify] [--json]

Writes FOLDER/NAME_YYYYMMDD_HHMMSS.tar.gz (UTC), reads it back, then removes backups that are older than DAYS.

  --uri URI           the server; else MONGODB_URL, else the one on localhost:27017. Prefer MONGODB_URL: the arguments of
                      this script are in the list of processes until it has started.
  --host, --port      the server, when it has no users
                      With --uri, --host or --port, MONGODB_PASSWORD_FILE and MONGODB_DATABASE are not used.
  --database NAME     else MONGODB_DATABASE, the one in the URI, or sentimatrix_studio
  --out FOLDER        ./backups
  --retention DAYS    7; the newest one and the newest verified one always stay
  --encrypt RECIPIENT with gpg, for a key in the key ring: the name ends in .tar.gz.gpg
  --verify            restores it for a trial before it counts: on MONGODB_VERIFY_URL, else on a mongod of its own
  --json              one JSON document on stdout; progress is on stderr always

Exit codes: 0 done, 1 failed, 3 another backup runs in FOLDER, 4 the database is half restored, 64 wrong arguments or
environment.
A run that does not end 0 leaves no file that looks like a backup, and removes none.
HELP
}

run_operation backup MONGODB_URL --local "$@"
