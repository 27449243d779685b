# In PostgreSQL's container: gives each role that is there the password which the container's environment names, as
# the superuser, whom the local socket asks for none. Prints the roles that had another.
set -eu

# Over the network, where a password is asked for.
opens() {
  PGPASSWORD=$(printenv "$2") PGCONNECT_TIMEOUT=5 psql --no-psqlrc --quiet --host "$(hostname)" --username "$1" --dbname "$1" \
    --command 'select' >/dev/null 2>&1
}

# The password reaches psql by its environment, so that no process list shows it.
give() {
  psql --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 --set role="$1" --username postgres --dbname postgres <<SQL
\set password \`printenv $2\`
select format('alter role %I password %L', :'role', :'password') where exists (select from pg_roles where rolname = :'role') \gexec
SQL
  echo "$1"
}

opens postgres POSTGRES_PASSWORD || give postgres POSTGRES_PASSWORD
opens airflow AIRFLOW_DB_PASSWORD || give airflow AIRFLOW_DB_PASSWORD
opens mlflow MLFLOW_DB_PASSWORD || give mlflow MLFLOW_DB_PASSWORD
