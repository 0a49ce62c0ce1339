#!/usr/bin/env bash
# Shared by backup_db.sh, restore_db.sh and verify_backup.sh: finds node and the program, and takes a connection string
# out of the arguments, where every user of the machine could read it. Sourced, never run. Runs in bash 3.2.
# Callers have `set -euo pipefail`, and a function `usage` that prints their help.

# die LINE...: says what is wrong with the command line or the environment.
die() {
  local line
  for line in "$@"; do echo "$(basename "$0"): $line" >&2; done
  exit 64
}

# need_value OPTION [VALUE]: fails when there is none. An empty one is a variable that is not set: without it, the command
# would go to another server.
need_value() { [ -n "${2:-}" ] || die "$1 needs a value"; }

# run_operation VERB VARIABLE ARGUMENT...: replaces this process by the program. --uri, or --host and --port, goes into the
# environment as VARIABLE; everything else is passed on. What stands in the environment, or in .env, for another server is
# no part of it: an empty variable counts as none, and keeps .env from setting it.
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
    [ -z "$uri" ] || die '--uri names the server already: leave --host and --port away'
    case $host in *[!A-Za-z0-9.:_-]* | -*) die '--host is no name of a host' ;; esac
    case $port in *[!0-9]*) die '--port is no number' ;; esac
    case $host in *:*) host="[$host]" ;; esac
    uri="mongodb://${host:-localhost}:${port:-27017}"
  fi
  if [ -n "$uri" ]; then
    export "$variable=$uri"
    [ "$variable" != MONGODB_URL ] || export MONGODB_PASSWORD_FILE='' MONGODB_DATABASE=''
  fi

  command -v node >/dev/null || die 'Node.js 20.19 or newer is needed, and there is no node on PATH' \
    'install it (https://nodejs.org), or run this in the image that docker/Dockerfile makes'
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
