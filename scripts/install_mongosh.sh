#!/usr/bin/env bash
# Installs mongosh, and prints its path. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_mongosh.sh [--check]

Prints only the path of mongosh on stdout; progress goes to stderr. It uses the mongosh on PATH. Without one, it installs
mongosh from npm (about 150 MB), at the versions and with the checksums of scripts/mongosh/package-lock.json.

  --check  prints the path if it is installed, else exits with 1. Changes nothing, and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

package_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/mongosh" && pwd -P)
release=$(sed -n 's/.*"mongosh": "\(.*\)".*/\1/p' "$package_dir/package.json")
final="$cache_dir/mongosh-$release"
mongosh="$final/node_modules/.bin/mongosh"

if command -v mongosh; then exit 0; fi
if [ -x "$mongosh" ]; then
  echo "$mongosh"
  exit 0
fi
[ -z "$check" ] || exit 1
command -v npm >/dev/null || fail 'mongosh is not on PATH, and installing it needs npm' \
  'install mongosh, or Node with npm, and run this again'

take_lock mongosh
if [ ! -x "$mongosh" ]; then # otherwise, another process installed it while this one waited
  begin_work "mongosh-$release"
  cp "$package_dir/package.json" "$package_dir/package-lock.json" "$work_dir/"
  # mongosh does not need the install scripts of its packages.
  run "installing mongosh $release" npm ci --prefix "$work_dir" --ignore-scripts --no-audit --no-fund ||
    fail 'npm cannot install mongosh; its message is above' 'or install mongosh and put it on PATH'
  "$work_dir/node_modules/.bin/mongosh" --version >&2 || fail 'the installed mongosh does not run'
  publish "$final"
fi
echo "$mongosh"
