#!/bin/sh
# Makes a backup each day and verifies it by restoring it. The image `backup` starts it; see --help.
set -eu

usage() {
  cat <<'HELP'
Usage: backup-daily [--now | --check]

Makes a verified backup each day, until SIGTERM: a backup that is running is told to stop, too.

  --now    makes the first one at once
  --check  ends 1 when the last backup failed: the container's health check

Reads from the environment
  BACKUP_AT              the time of day, UTC: 02:30
  BACKUP_DIR             the folder: /backups
  BACKUP_RETENTION_DAYS  how long a backup is kept: 7
  and what `schema backup` reads: MONGODB_URL, MONGODB_PASSWORD_FILE, MONGODB_DATABASE
HELP
}

at=${BACKUP_AT:-02:30}
folder=${BACKUP_DIR:-/backups}
# Beside the backups, so that a container that is made anew knows of it.
failed="$folder/.backup-daily.failed"
now=''
case ${1:-} in
  '') ;;
  --now) now=yes ;;
  --check) [ ! -e "$failed" ]; exit ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 64 ;;
esac

say() { echo "backup-daily: $*" >&2; }

case $at in
  [01][0-9]:[0-5][0-9] | 2[0-3]:[0-5][0-9]) ;;
  *) say "BACKUP_AT is $at, and a time of day (UTC) is needed: 02:30"; exit 64 ;;
esac
if [ ! -w "$folder" ]; then
  say "user $(id -u) cannot write to $folder: make the folder, and run as its owner (BACKUP_USER=\$(id -u):\$(id -g))"
  exit 1
fi

child=''
stop() {
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  [ -z "$child" ] || wait "$child" || true
  exit 143
}
trap stop TERM INT

# in_background COMMAND...: waits for it in a way that a signal can end.
in_background() {
  "$@" &
  child=$!
  status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

back_up() {
  if in_background schema backup --out "$folder" --retention "${BACKUP_RETENTION_DAYS:-7}" --verify; then
    rm -f "$failed"
  else
    say "the backup failed with exit code $status"
    touch "$failed" || say "and that cannot be noted in $folder"
  fi
}

# next_time: of the next backup, in seconds since 1970. A leading zero would make a number octal.
next_time() {
  hour=${at%:*} minute=${at#*:} current=$(date -u +%s)
  due=$((current - current % 86400 + ${hour#0} * 3600 + ${minute#0} * 60))
  [ "$due" -gt "$current" ] || due=$((due + 86400))
  echo "$due"
}

[ -z "$now" ] || back_up
while :; do
  due=$(next_time)
  say "next backup in $(((due - $(date -u +%s)) / 60)) minutes, at $at UTC"
  # In short naps: a sleep does not count the time that a machine was suspended.
  while [ "$(date -u +%s)" -lt "$due" ]; do in_background sleep 20; done
  back_up
done
