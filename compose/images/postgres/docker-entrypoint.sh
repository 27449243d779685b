#!/usr/bin/env bash
# Starts PostgreSQL; on an empty volume makes the database first, as the official image does.
set -eo pipefail # not -u: init scripts are sourced, and those written for the official image may not stand it

# A first start works in here and moves the result up at the end. While this folder is there and PG_VERSION
# is not, everything beside it is what an interrupted first start left, and is made anew.
readonly UNFINISHED=$PGDATA/.unfinished

say() { printf '%s\n' "entrypoint: $*" >&2; }

# value_of NAME: $NAME, or the contents of the file that $NAME_FILE names.
value_of() {
  local file_variable=${1}_FILE
  if [ -n "${!file_variable:-}" ]; then cat "${!file_variable}"; else printf '%s' "${!1:-}"; fi
}

run_init_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh)
        say "running $script"
        # As the official image: an executable runs by itself, anything else joins this shell.
        # shellcheck source=/dev/null
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
        ;;
      *.sql)
        say "running $script"
        psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$POSTGRES_DB" --file "$script"
        ;;
      *.sql.gz)
        say "running $script"
        gunzip --stdout "$script" | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$POSTGRES_DB"
        ;;
    esac
  done
}

make_database() {
  POSTGRES_USER=$(value_of POSTGRES_USER)
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  POSTGRES_DB=$(value_of POSTGRES_DB)
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  POSTGRES_PASSWORD=$(value_of POSTGRES_PASSWORD)
  export POSTGRES_PASSWORD
  if [ -z "$POSTGRES_PASSWORD" ]; then
    say "the database is not made yet: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE."
    exit 1
  fi

  mkdir -p "$PGDATA"
  if [ -d "$UNFINISHED" ]; then
    say "clearing away an interrupted first start"
    find "$PGDATA" -mindepth 1 -maxdepth 1 ! -path "$UNFINISHED" -exec rm -rf {} +
    rm -rf "$UNFINISHED"
  elif [ -n "$(ls -A "$PGDATA" --ignore lost+found)" ]; then
    say "$PGDATA holds files, but no database; it is left alone. Give it an empty volume."
    exit 1
  fi

  say "making the database"
  chmod 700 "$PGDATA"
  # Flushing each file would cost seconds; one sync below does it for all.
  initdb --no-sync --pgdata "$UNFINISHED" --username "$POSTGRES_USER" --encoding UTF8 \
    --auth-local trust --auth-host scram-sha-256 --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") >/dev/null
  echo "host all all all scram-sha-256" >>"$UNFINISHED/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$UNFINISHED/postgresql.conf"

  # Nobody outside reaches the server before the scripts have run: it listens on its local socket only.
  pg_ctl --pgdata "$UNFINISHED" --silent --wait start -o "-c listen_addresses='' -c fsync=off" </dev/null
  export PGUSER=$POSTGRES_USER PGDATABASE=$POSTGRES_DB
  if [ "$POSTGRES_DB" != postgres ]; then createdb --maintenance-db postgres "$POSTGRES_DB"; fi
  run_init_scripts
  unset PGUSER PGDATABASE
  pg_ctl --pgdata "$UNFINISHED" --silent --mode fast --wait stop

  sync --file-system "$UNFINISHED"
  # PG_VERSION is what marks a finished database: it goes last.
  find "$UNFINISHED" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
  mv "$UNFINISHED/PG_VERSION" "$PGDATA"
  rmdir "$UNFINISHED"
  say "the database is made"
}

# As the official image: a bare option belongs to postgres.
if [ $# = 0 ] || [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then make_database; fi
exec "$@"
