#!/usr/bin/env bash
# Installs promtool, and prints its path. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_promtool.sh [--check]

Prints only the path of promtool on stdout; progress goes to stderr. It uses the promtool on PATH. Without one, it downloads
the package `prometheus` of Debian or Ubuntu (about 20 MB), and keeps only promtool. It does not install the package.

  --check  prints the path if it is installed, else exits with 1. Changes nothing, and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

final="$cache_dir/promtool"
promtool="$final/promtool"

# download: apt checks the package against the signed lists of its sources.
download() { (cd "$work_dir" && apt-get -q download prometheus); }

# update_lists: downloads the package lists. A new machine has none.
update_lists() {
  [ "$(id -u)" = 0 ] || fail 'apt-get cannot download the package prometheus; its message is above' \
    'run sudo apt-get update, then this again; or install Prometheus and put promtool on PATH'
  run 'apt-get update' apt-get -q -o DPkg::Lock::Timeout=300 update || say 'apt-get update failed, trying with the existing package lists'
}

if command -v promtool; then exit 0; fi
if [ -x "$promtool" ]; then
  echo "$promtool"
  exit 0
fi
[ -z "$check" ] || exit 1
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  fail 'promtool is not on PATH, and this machine has no apt-get to download it' 'install Prometheus and put promtool on PATH'
fi

take_lock promtool
if [ ! -x "$promtool" ]; then # otherwise, another process installed it while this one waited
  begin_work promtool
  if ! run 'downloading the package prometheus' download; then
    update_lists
    run 'downloading the package prometheus again' download || fail 'apt-get cannot download the package prometheus; its message is above' \
      'or install Prometheus and put promtool on PATH'
  fi
  run 'unpacking it' dpkg-deb -x "$work_dir"/prometheus_*.deb "$work_dir/unpacked" || fail 'the package cannot be unpacked'
  mv "$work_dir/unpacked/usr/bin/promtool" "$work_dir/promtool"
  rm -rf "$work_dir/unpacked" "$work_dir"/*.deb
  "$work_dir/promtool" --version >&2 || fail 'the promtool of the package does not run'
  publish "$final"
fi
echo "$promtool"
