#!/usr/bin/env bash
# Compares docs/api and docs/verbs.md with what the sources say now, and writes nothing. Ends 2 when they are out of date.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
npx typedoc --out "$fresh/api" --logLevel Warn
node -r ./scripts/quick-start.js scripts/make_verbs_page.ts "$fresh/verbs.md"
if ! diff -ru docs/api "$fresh/api" || ! diff -u docs/verbs.md "$fresh/verbs.md"; then
  echo 'The pages above are out of date: npm run docs writes them.' >&2
  exit 2
fi
