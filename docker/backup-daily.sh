#!/bin/sh
# Makes a backup each day and verifies it by restoring it. The image `backup` starts it; see --help.
set -eu

usage() {
  cat <<'HELP'
Usage: backup-daily [--now | --check]

Makes a verified backup each day, until SIGTERM. SIGTERM also stops a backup that is running.
If the newest verified backup is too old, or there is none, it makes the first backup at once.

  --now    always makes the first backup at once
  --check  exits with 1 if the newest verified backup is too old, or if there is none. Used as the container's health check.

Environment variables, with their defaults
  BACKUP_AT              the time of day, in UTC: 02:30
  BACKUP_DIR             the folder for backups: /backups
  BACKUP_RETENTION_DAYS  how many days to keep a backup: 7
  BACKUP_MAX_AGE_HOURS   the maximum age of the newest verified backup: 26
It also uses the variables of `schema backup`: MONGODB_URL, MONGODB_PASSWORD_FILE, MONGODB_DATABASE.
HELP
}

at=${BACKUP_AT:-02:30}
folder=${BACKUP_DIR:-/backups}
oldest=${BACKUP_MAX_AGE_HOURS:-26}
case $oldest in
  '' | *[!0-9]* | 0* | ?????*) echo "backup-daily: BACKUP_MAX_AGE_HOURS is '$oldest', but must be a number of hours, such as 26" >&2; exit 64 ;;
esac

# is_fresh: returns whether a backup was verified within the maximum age. Only a successful verification writes a .verified.json file.
is_fresh() {
  [ -n "$(find "$folder" -maxdepth 1 -type f -name '[!.]*.verified.json' -mmin "-$((oldest * 60))" 2>/dev/null | head -n 1)" ]
}

now=''
case ${1:-} in
  '') ;;
  --now) now=yes ;;
  --check)
    is_fresh && exit
    echo "no backup in $folder was verified in the last $oldest hours"
    exit 1
    ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 64 ;;
esac

say() { echo "backup-daily: $*" >&2; }

case $at in
  [01][0-9]:[0-5][0-9] | 2[0-3]:[0-5][0-9]) ;;
  *) say "BACKUP_AT is '$at', but must be a time of day (UTC), such as 02:30"; exit 64 ;;
esac
if [ ! -w "$folder" ]; then
  say "user $(id -u) cannot write to $folder: create the folder, and run as its owner (BACKUP_USER=\$(id -u):\$(id -g))"
  exit 1
fi

child=''
stop() {
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  [ -z "$child" ] || wait "$child" || true
  exit 143
}
trap stop TERM INT

# in_background COMMAND...: runs the command in the background and waits for its end, so that a signal can interrupt the wait.
in_background() {
  "$@" &
  child=$!
  status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

back_up() {
  in_background schema backup --out "$folder" --retention "${BACKUP_RETENTION_DAYS:-7}" --verify ||
    say "the backup failed with exit code $status"
}

# next_time: prints the time of the next backup, in seconds since 1970. It removes leading zeros, because the shell would read a number with
# a leading zero as octal.
next_time() {
  hour=${at%:*} minute=${at#*:} current=$(date -u +%s)
  due=$((current - current % 86400 + ${hour#0} * 3600 + ${minute#0} * 60))
  [ "$due" -gt "$current" ] || due=$((due + 86400))
  echo "$due"
}

if [ -n "$now" ] || ! is_fresh; then back_up; fi
while :; do
  due=$(next_time)
  say "next backup in $(((due - $(date -u +%s)) / 60)) minutes, at $at UTC"
  # Sleep in short intervals: a sleep does not count the time while the machine is suspended.
  while [ "$(date -u +%s)" -lt "$due" ]; do in_background sleep 20; done
  back_up
done
