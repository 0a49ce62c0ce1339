#!/usr/bin/env bash
# Proves that a backup restores, by restoring it. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: verify_backup.sh FILE [--uri URI] [--host HOST] [--port PORT] [--json]

Restores FILE into a scratch database, compares names, counts, every document by checksum, options, indexes and
validators with what was backed up, and drops the scratch database.

  --uri URI  the server for that; else MONGODB_VERIFY_URL, else a mongod that is started for it and stopped after

Exit codes: 0 it restores to what was backed up, 1 it does not, 64 wrong arguments or environment.
HELP
}

run_operation verify-backup MONGODB_VERIFY_URL "$@"
