#!/usr/bin/env bash
# Verifies a backup by restoring it into a scratch database. See --help.
set -euo pipefail
# shellcheck source=scripts/run_operation.sh
. "$(dirname "${BASH_SOURCE[0]}")/run_operation.sh"

usage() {
  cat <<'HELP'
Usage: verify_backup.sh FILE [--uri URI] [--host HOST] [--port PORT] [--json]

Restores FILE into a scratch database. Compares names, counts, checksums of all documents, options, indexes and validators
with the manifest. Then drops the scratch database.

  --uri URI       the server for the scratch database (default: MONGODB_VERIFY_URL, else a temporary mongod)
  --host, --port  the same, if the server has no users
  --json          prints one JSON document on stdout; progress always goes to stderr

Exit codes: 0 the restored data equal the data that were backed up, 1 they differ, 64 wrong arguments or environment.
HELP
}

run_operation verify-backup MONGODB_VERIFY_URL "$@"
