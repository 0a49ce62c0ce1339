#!/usr/bin/env bash
# Creates the passwords that docker/docker-compose.yml reads. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: make_secrets.sh

Writes a random password for each user into docker/secrets/, and a key for the replica set. Existing files are not changed:
to change a password, write it into its file and follow docs/docker.md.

Only you can open the folder (0700). The files in it are readable by everyone, because single files are mounted into
containers, whose users have other ids than you.
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

# random LENGTH: prints random letters and digits. They need no escaping in a connection string.
random() { LC_ALL=C tr -dc 'A-Za-z0-9' < <(head -c $(($1 * 20)) /dev/urandom) | cut -c "1-$1"; }

# make NAME LENGTH: creates a file, unless it exists. It is written under another name and then renamed, so it is never incomplete.
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
