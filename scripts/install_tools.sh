#!/usr/bin/env bash
# Puts mongodump, mongorestore and mongoimport where they can be found and prints their folder. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_tools.sh [--check]

Prints the folder that holds mongodump, mongorestore and mongoimport (only that) on stdout; progress goes to stderr.
They are taken from PATH when all three are there, else built with Go 1.21 or newer from pinned, checksummed modules.

  --check  prints the folder when they are there, else exits 1; touches nothing and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

tools='mongodump mongorestore mongoimport'
module=github.com/mongodb/mongo-tools
module_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/mongo-tools" && pwd -P)
# Another pin is another folder: a newer checkout never takes the tools of an older one.
release=$(sed -n "s|.*$module v||p" "$module_dir/go.mod" | head -n 1)
final="$cache_dir/mongo-tools-$release"

# complete FOLDER: whether it holds all three.
complete() {
  local tool
  for tool in $tools; do [ -x "$1/$tool" ] || return 1; done
}

on_path() {
  local first
  first=$(command -v mongodump) || return 1
  first=$(dirname "$first")
  complete "$first" && echo "$first"
}

# build: Go checks every module against go.sum and, with readonly, adds nothing to it.
build() {
  local tool flags="-s -w -X main.VersionStr=$release -X main.GitCommit=${release##*-}"
  for tool in $tools; do
    run "building $tool" env CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' \
      go build -C "$module_dir" -trimpath -ldflags "$flags" -o "$work_dir/$tool" "$module/$tool/main" ||
      fail "Go cannot build $tool; its message is above" 'or install the MongoDB Database Tools and put them on PATH'
  done
}

if on_path; then exit 0; fi
if complete "$final"; then
  echo "$final"
  exit 0
fi
[ -z "$check" ] || exit 1
command -v go >/dev/null || fail 'mongodump, mongorestore and mongoimport are not on PATH, and building them needs Go' \
  'install the MongoDB Database Tools, or Go, and run this again'

take_lock mongo-tools
if ! complete "$final"; then # else another process built them while this one waited
  begin_work mongo-tools
  build
  "$work_dir/mongodump" --version >&2 || fail 'the mongodump that was built does not run'
  publish "$final"
fi
echo "$final"
