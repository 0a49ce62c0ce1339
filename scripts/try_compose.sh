#!/usr/bin/env bash
# Starts the compose files in Docker, and checks that they do what docs/docker.md says. See --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'HELP'
Usage: try_compose.sh

Builds the images, and starts docker/docker-compose.yml and its overlay on temporary volumes. Checks a fresh volume, the health
check, the migrations, the privileges of the users, a restart, down and up again, a backup, and a replica set. Needs Docker
with compose, the port 27017, and no container sentimatrix-mongodb. Takes a few minutes. Exit code 0 if all checks pass.
HELP
}

case ${1:-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 64 ;;
esac

say() { echo "try_compose: $*"; }
fail() {
  say "FAILED: $*" >&2
  exit 1
}

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
container=sentimatrix-mongodb
if docker inspect "$container" >/dev/null 2>&1; then
  fail "a container $container exists: run docker-compose -f docker/docker-compose.yml down, then this again"
fi
work=$(mktemp -d)
files=(-f docker/docker-compose.yml)
in_compose() { "${compose[@]}" -p schema-trial "${files[@]}" "$@"; }
cleanup() {
  local status=$?
  [ "$status" = 0 ] || in_compose --profile backup --profile tools logs --no-color --tail 60 >&2 || true
  in_compose --profile backup --profile tools down -v --remove-orphans >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT

# until_true SECONDS COMMAND...: repeats the command each second until it succeeds. Fails after SECONDS tries.
until_true() {
  local left=$1
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "still failing: $*"
    sleep 1
  done
}
healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }
ended() { [ "$(docker inspect -f '{{.State.Status}}' "$1")" = exited ]; }

# migrated: waits until the service `migrate` has ended with 0.
migrated() {
  local id
  until_true 120 healthy "$container"
  id=$(in_compose ps -aq migrate)
  until_true 120 ended "$id"
  [ "$(docker inspect -f '{{.State.ExitCode}}' "$id")" = 0 ] || fail 'migrate did not end with 0'
}

# as USER SCRIPT: runs a script in mongosh as a user. mongosh reads the password from a file, so no command line contains it.
as() {
  docker exec "$container" mongosh --quiet --norc "${mongosh_url:-sentimatrix_studio}" --eval "
    db.auth('$1', require('fs').readFileSync('/run/secrets/$1_password', 'utf8').trim()); $2"
}
refused() { if as "$1" "$2" >/dev/null 2>&1; then fail "$1 may: $2"; fi; }
allowed() { as "$1" "$2" >/dev/null || fail "$1 may not: $2"; }

# schema USER ARGUMENT...: runs the command line as a user.
schema() {
  local user=$1
  shift
  in_compose run --rm --no-deps -T -e "MONGODB_URL=mongodb://$user@mongodb:27017/sentimatrix_studio" \
    -e "MONGODB_PASSWORD_FILE=/run/secrets/$user" \
    -v "$PWD/docker/secrets/${user}_password.txt:/run/secrets/$user:ro" migrate "$@"
}

count="db.audit_logs.countDocuments({ event_type: 'trial' })"
kept() { [ "$(as monitor "print($count)")" = 1 ] || fail "the document is missing $1"; }

no_secret_shows() {
  local file
  docker ps -aq --filter label=com.docker.compose.project=schema-trial | xargs docker inspect >"$work/shown"
  docker history --no-trunc sentimatrix-schema >>"$work/shown"
  docker exec "$container" sh -c 'cat /proc/[0-9]*/cmdline' 2>/dev/null | tr '\0' ' ' >>"$work/shown" || true
  in_compose logs --no-color >>"$work/shown" 2>&1
  for file in docker/secrets/*.txt; do
    if grep -qF -f "$file" "$work/shown"; then fail "docker shows the text of $file"; fi
  done
}

try_users() {
  if docker exec "$container" mongosh --quiet sentimatrix_studio --eval 'db.users.findOne()' >/dev/null 2>&1; then
    fail 'the server allows access without a login'
  fi
  allowed application "db.audit_logs.insertOne({ event_type: 'trial', user_id: null, created_at: new Date() })"
  for script in 'if (!db.users.drop()) throw 1' "db.runCommand({ collMod: 'users', validator: {} })" \
    'db.schema_history.findOne()' 'db.changelog.deleteMany({})' "db.createCollection('another')"; do
    refused application "$script"
  done
  refused migrator "db.schema_history.updateMany({}, { \$set: { user: 1 } })"
  refused monitor 'db.users.deleteMany({ email: 1 })'
  schema monitor status >/dev/null || fail 'the monitor cannot see the status'
  schema monitor drift >/dev/null || fail 'the monitor sees a drift'
}

backed_up() { docker logs "$1" 2>&1 | grep -q 'next backup in' || ended "$1"; }

try_backup() {
  local id user
  user=$(id -u):$(id -g)
  mkdir "$work/backups"
  if [ "$(id -u)" = 0 ]; then
    user=999:999
    chmod 0755 "$work"
    chown "$user" "$work/backups"
  fi
  export BACKUP_USER=$user BACKUP_DIR=$work/backups
  id=$(in_compose --profile backup run -d --no-deps backup --now | tail -n 1)
  until_true 300 backed_up "$id"
  if ! docker exec "$id" backup-daily --check; then
    docker logs "$id" >&2
    fail 'the backup failed'
  fi
  ls "$work"/backups/sentimatrix_studio_*.tar.gz >/dev/null || fail 'there is no backup'
  docker stop "$id" >/dev/null
  [ "$(docker inspect -f '{{.State.ExitCode}}' "$id")" = 143 ] || fail 'the backup service had to be killed'
  docker rm -v "$id" >/dev/null
}

# page PATH: prints a page of mongo-express, with a login.
page() {
  printf 'user = "admin:%s"\n' "$(cat docker/secrets/mongo_express_password.txt)" |
    curl -fsS -K - "http://127.0.0.1:8081$1"
}

try_mongo_express() {
  local image
  image=$(in_compose --profile tools config | sed -n 's/ *image: *\(mongo-express:.*\)/\1/p')
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! docker pull -q "$image" >/dev/null 2>&1; then
    [ -z "${CI:-}" ] || fail "$image cannot be pulled; in CI, no check may be skipped"
    say "NOT TRIED: mongo-express, since $image cannot be pulled"
    return
  fi
  in_compose --profile tools up -d mongo-express
  until_true 60 page /
  [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8081/)" = 401 ] || fail 'mongo-express asks for no password'
  page /db/sentimatrix_studio/ >"$work/page"
  grep -q audit_logs "$work/page" || fail 'mongo-express does not show the collections'
}

try_replica_set() {
  files+=(-f docker/docker-compose.replica.yml)
  mongosh_url='mongodb://127.0.0.1:27017/sentimatrix_studio?replicaSet=rs0&directConnection=true'
  in_compose up -d
  migrated
  allowed application "
    const session = db.getMongo().startSession();
    session.withTransaction(() => session.getDatabase('sentimatrix_studio').audit_logs
      .insertOne({ event_type: 'trial', user_id: null, created_at: new Date() }));"
  in_compose restart mongodb
  until_true 120 healthy "$container"
  [ "$(as monitor 'print(db.hello().setName)')" = rs0 ] || fail 'it is not a replica set'
  kept 'after a restart of the replica set'
}

scripts/make_secrets.sh
say 'building the images'
in_compose --profile backup build migrate backup >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; fail 'build'; }
say 'a fresh volume'
in_compose up -d
migrated
say 'users as described'
try_users
no_secret_shows
say 'a restart keeps data'
in_compose restart mongodb
until_true 120 healthy "$container"
kept 'after a restart'
say 'down, and up again'
in_compose down
in_compose up -d
migrated
kept 'after down and up'
in_compose logs --no-color migrate 2>&1 | grep -q 'Nothing is pending' || fail 'a migration was applied again'
say 'roles and passwords brought up to date'
docker exec "$container" mongosh --quiet --norc sentimatrix_studio /docker-entrypoint-initdb.d/mongo-init.js
say 'a verified backup'
try_backup
say 'mongo-express'
try_mongo_express
no_secret_shows
in_compose --profile tools down -v
say 'a replica set of one'
try_replica_set
no_secret_shows
say 'all checks passed'
