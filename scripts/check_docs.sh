#!/usr/bin/env bash
# Compares docs/api with what the sources say now, and writes nothing. Ends 2 when it is stale.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
npx typedoc --out "$fresh" --logLevel Warn
if ! diff -ru docs/api "$fresh"; then
  echo 'docs/api is stale: npm run docs writes it.' >&2
  exit 2
fi
