#!/usr/bin/env bash
# Puts promtool where it can be found and prints its path. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_promtool.sh [--check]

Prints the path of promtool (only that) on stdout; progress goes to stderr. It is the one on PATH, else it is taken out of
the package `prometheus` of Debian or Ubuntu (about 20 MB), of which nothing else is kept and nothing is started.

  --check  prints the path when it is there, else exits 1; touches nothing and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

final="$cache_dir/promtool"
promtool="$final/promtool"

# download: apt checks the package against the signed lists of its sources.
download() { (cd "$work_dir" && apt-get -q download prometheus); }

# update_lists: on a new machine there are none.
update_lists() {
  [ "$(id -u)" = 0 ] || fail 'apt-get cannot download the package prometheus; its message is above' \
    'run: sudo apt-get update, and this again; or install Prometheus and put promtool on PATH'
  run 'apt-get update' apt-get -q -o DPkg::Lock::Timeout=300 update || say 'apt-get update failed, trying with the lists at hand'
}

if command -v promtool; then exit 0; fi
if [ -x "$promtool" ]; then
  echo "$promtool"
  exit 0
fi
[ -z "$check" ] || exit 1
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  fail 'promtool is not on PATH, and there is no apt-get to get it with' 'install Prometheus and put promtool on PATH'
fi

take_lock promtool
if [ ! -x "$promtool" ]; then # else another process installed it while this one waited
  begin_work promtool
  if ! run 'downloading the package prometheus' download; then
    update_lists
    run 'downloading the package prometheus again' download || fail 'apt-get cannot download it; its message is above' \
      'or install Prometheus and put promtool on PATH'
  fi
  run 'unpacking it' dpkg-deb -x "$work_dir"/prometheus_*.deb "$work_dir/unpacked" || fail 'the package cannot be unpacked'
  mv "$work_dir/unpacked/usr/bin/promtool" "$work_dir/promtool"
  rm -rf "$work_dir/unpacked" "$work_dir"/*.deb
  "$work_dir/promtool" --version >&2 || fail 'the promtool of the package does not run'
  publish "$final"
fi
echo "$promtool"
