#!/usr/bin/env bash
# Makes the passwords that docker/docker-compose.yml reads. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: make_secrets.sh

Puts a random password for each user into docker/secrets/, and a key for the replica set. A file that is there stays as
it is: to change a password, write it into its file and follow docs/docker.md.

The folder is for you alone (0700). Within it the files are readable by all, since the users inside the containers, to
which single files are handed, have other numbers than you.
HELP
}

case ${1:-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 64 ;;
esac

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)/docker/secrets
mkdir -p "$folder"
chmod 0700 "$folder"
umask 077

# random LENGTH: letters and digits, which need no escape in a connection string.
random() { LC_ALL=C tr -dc 'A-Za-z0-9' < <(head -c $(($1 * 20)) /dev/urandom) | cut -c "1-$1"; }

# make NAME LENGTH: written beside and renamed, so that it is there whole or not at all; never replaced.
make() {
  local file="$folder/$1.txt"
  if [ -e "$file" ]; then
    echo "kept  docker/secrets/$1.txt"
    return
  fi
  random "$2" >"$file.$$"
  chmod 0644 "$file.$$"
  mv -n "$file.$$" "$file"
  rm -f "$file.$$"
  echo "made  docker/secrets/$1.txt"
}

for user in root application migrator monitor backup restore explorer mongo_express; do
  make "${user}_password" 32
done
make replica_key 512
