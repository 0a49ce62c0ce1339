#!/usr/bin/env bash
# Checks the GitHub workflows with actionlint: the one on PATH, else one that Go installs into the user's cache.
# Where neither can be had it says so and ends 0: a machine without Go can still run all other checks.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v1.7.7

if ! tool=$(command -v actionlint); then
  cache="${XDG_CACHE_HOME:-$HOME/.cache}/actionlint-$version"
  tool="$cache/actionlint"
  if [[ ! -x $tool ]]; then
    if ! command -v go >/dev/null; then
      echo "NOT CHECKED: .github/workflows, since there is neither actionlint nor Go to install it" >&2
      exit 0
    fi
    echo "installing actionlint $version" >&2
    if ! GOBIN="$cache" go install "github.com/rhysd/actionlint/cmd/actionlint@$version"; then
      echo "NOT CHECKED: .github/workflows, since Go could not install actionlint" >&2
      exit 0
    fi
  fi
fi
exec "$tool"
