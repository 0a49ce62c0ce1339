#!/usr/bin/env bash
# Shared by the install_*.sh scripts: messages, the cache folder, a lock, checksums. It is sourced, never run, and must work in bash 3.2.
# Callers set `set -euo pipefail`. These functions must print nothing on stdout, because the only output there is the caller's result, one
# line.

# Everything is installed in this folder, except Debian packages.
cache_dir=${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/sentimatrix-schema}

say() { echo "$(basename "$0"): $*" >&2; }

# fail MESSAGE...: prints each message on its own line, then exits with 1.
fail() {
  local line
  for line in "$@"; do say "$line"; done
  exit 1
}

# run LABEL COMMAND...: runs a command, and shows its output only if it fails. Call begin_work first.
run() {
  local label=$1
  shift
  say "$label"
  "$@" >"$work_dir.log" 2>&1 </dev/null && return 0
  tail -n 15 "$work_dir.log" >&2
  return 1
}

# check_sha256 FILE EXPECTED: if the checksum differs, prints both and returns 1.
check_sha256() {
  local actual
  if command -v sha256sum >/dev/null; then
    actual=$(sha256sum "$1")
  else
    actual=$(shasum -a 256 "$1")
  fi
  actual=${actual%% *}
  [ "$actual" = "$2" ] && return 0
  say "checksum mismatch: $1"
  say "  expected sha256 $2"
  say "  actual   sha256 $actual"
  return 1
}

# read_check ARGUMENT...: for scripts that accept only --check and --help. Sets $check, or prints the usage and exits.
# shellcheck disable=SC2034 # the script that calls it reads it
read_check() {
  check=''
  case ${1:-} in
    '') ;;
    --check) check=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
}

lock_link=''
work_dir=''

release_all() {
  [ -z "$work_dir" ] || rm -rf "$work_dir" "$work_dir.log"
  [ -z "$lock_link" ] || rm -f "$lock_link"
}

# take_lock NAME: waits until no other process installs NAME, at most LOCK_WAIT seconds (900).
# macOS has no flock, so the lock is a symbolic link. Its target is the holder's pid: creating a link is atomic, so the lock never
# exists without a pid. A second lock protects the removal of a dead holder's lock, so that only one waiter removes it.
take_lock() {
  mkdir -p "$cache_dir" || fail "cannot create $cache_dir" 'set SENTIMATRIX_CACHE to a writable folder'
  local lock="$cache_dir/$1.lock" holder told='' waited=0
  trap release_all EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  while ! ln -s "$$" "$lock" 2>/dev/null; do
    holder=$(readlink "$lock" || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null && mkdir "$lock.break" 2>/dev/null; then
      [ "$(readlink "$lock" || true)" != "$holder" ] || rm -f "$lock"
      rmdir "$lock.break"
      continue
    fi
    [ -n "$told" ] || say "waiting for process ${holder:-?}, which is installing the same"
    told=yes
    waited=$((waited + 1))
    [ "$waited" -le "${LOCK_WAIT:-900}" ] ||
      fail "process ${holder:-?} still holds $lock" "if that process is not an installation, remove $lock and $lock.break"
    sleep 1
  done
  lock_link=$lock
}

# begin_work NAME: creates an empty folder, $work_dir, which is removed on exit. This folder has the same parent as the final folder, so
# that publish can rename it atomically.
begin_work() {
  rm -rf "$cache_dir/.$1".* # left by a killed run; this run holds the lock
  work_dir="$cache_dir/.$1.$$"
  mkdir "$work_dir"
}

# publish FINAL: renames the work folder into place.
publish() {
  rm -rf "$1"
  mv "$work_dir" "$1"
  rm -f "$work_dir.log"
  work_dir=''
}
