#!/usr/bin/env bash
# Checks that docs/api and docs/verbs.md match the sources. Writes nothing. Exit code 2 if they are out of date.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
npx typedoc --out "$fresh/api" --logLevel Warn
node -r ./scripts/quick-start.js scripts/make_verbs_page.ts "$fresh/verbs.md"
if ! diff -ru docs/api "$fresh/api" || ! diff -u docs/verbs.md "$fresh/verbs.md"; then
  echo 'The pages above are out of date. Run: npm run docs' >&2
  exit 2
fi
