#!/usr/bin/env bash
# Installs mongodump, mongorestore and mongoimport, and prints their folder. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_tools.sh [--check]

Prints only the folder of mongodump, mongorestore and mongoimport on stdout; progress goes to stderr. It uses those on PATH
if all three are there. Otherwise it builds them with Go 1.21 or newer, from modules with fixed versions and checksums.

  --check  prints the folder if they are installed, else exits with 1. Changes nothing, and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

tools='mongodump mongorestore mongoimport'
module=github.com/mongodb/mongo-tools
module_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/mongo-tools" && pwd -P)
# Each version has its own folder, so a newer checkout never uses the tools of an older one.
release=$(sed -n "s|.*$module v||p" "$module_dir/go.mod" | head -n 1)
final="$cache_dir/mongo-tools-$release"

# complete FOLDER: returns whether the folder contains all three programs.
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

# build: Go checks every module against go.sum. With -mod=readonly, Go adds nothing to go.sum.
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
if ! complete "$final"; then # otherwise, another process built them while this one waited
  begin_work mongo-tools
  build
  "$work_dir/mongodump" --version >&2 || fail 'the new mongodump does not run'
  publish "$final"
fi
echo "$final"
