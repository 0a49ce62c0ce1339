#!/usr/bin/env bash
# Shared by backup_db.sh, restore_db.sh and verify_backup.sh: finds node and the program, and moves a connection string from the arguments
# to the environment, because every user of the machine can read arguments. It is sourced, never run, and must work in bash 3.2. Callers set
# `set -euo pipefail`, and have a function `usage` that prints their help.

# die LINE...: prints what is wrong with the command line or the environment, and exits with 64.
die() {
  local line
  for line in "$@"; do echo "$(basename "$0"): $line" >&2; done
  exit 64
}

# need_value OPTION [VALUE]: fails if the value is missing or empty. An empty value usually comes from an unset variable of the
# caller, and ignoring it would send the command to another server.
need_value() { [ -n "${2:-}" ] || die "$1 needs a value"; }

# run_operation VERB VARIABLE ARGUMENT...: replaces this process by the program. The server of --uri, or of --host and --port, goes into
# the environment as VARIABLE; other arguments are passed on. Then the password file and the database name in the environment or
# in .env do not apply, because they are for another server. An empty variable counts as unset, and prevents .env from setting it.
run_operation() {
  local verb=$1 variable=$2 uri='' host='' port='' root program
  shift 2
  local arguments=()
  while [ $# -gt 0 ]; do
    case $1 in
      --uri) need_value "$1" "${2:-}"; uri=$2; shift 2 ;;
      --uri=*) need_value --uri "${1#*=}"; uri=${1#*=}; shift ;;
      --host) need_value "$1" "${2:-}"; host=$2; shift 2 ;;
      --host=*) need_value --host "${1#*=}"; host=${1#*=}; shift ;;
      --port) need_value "$1" "${2:-}"; port=$2; shift 2 ;;
      --port=*) need_value --port "${1#*=}"; port=${1#*=}; shift ;;
      -h | --help) usage; exit 0 ;;
      --) while [ $# -gt 0 ]; do arguments+=("$1"); shift; done ;;
      *) arguments+=("$1"); shift ;;
    esac
  done
  if [ -n "$host$port" ]; then
    [ -z "$uri" ] || die '--uri already names the server: omit --host and --port'
    case $host in *[!A-Za-z0-9.:_-]* | -*) die '--host is not a host name' ;; esac
    case $port in *[!0-9]*) die '--port is not a number' ;; esac
    case $host in *:*) host="[$host]" ;; esac
    uri="mongodb://${host:-localhost}:${port:-27017}"
  fi
  if [ -n "$uri" ]; then
    export "$variable=$uri"
    [ "$variable" != MONGODB_URL ] || export MONGODB_PASSWORD_FILE='' MONGODB_DATABASE=''
  fi

  command -v node >/dev/null || die 'node is not on PATH; Node.js 20.19 or newer is needed' \
    'install it (https://nodejs.org), or run this in the image of docker/Dockerfile'
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
  if [ -f "$root/src/cli/main.ts" ] && [ -d "$root/node_modules/ts-node" ]; then
    export TS_NODE_PROJECT="$root/tsconfig.json"
    program=(-r "$root/scripts/quick-start.js" "$root/src/cli/main.ts")
  elif [ -f "$root/dist/src/cli/main.js" ]; then
    program=("$root/dist/src/cli/main.js")
  else
    die "nothing is installed in $root" "run npm ci there"
  fi
  exec node "${program[@]}" "$verb" ${arguments[@]+"${arguments[@]}"}
}
