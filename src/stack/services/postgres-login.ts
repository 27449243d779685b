/**
 * Shell lines that set what `psql` reads (PGUSER and so on) from a variable with an SQLAlchemy URL. By
 * environment, since a process list would show an argument.
 */
export function postgresLogin(variable: string): string {
  return `[[ $${variable} =~ ://([^:]+):([^@]+)@([^/:]+):?([0-9]*)/([^?]+) ]] || exit 1
export PGUSER=\${BASH_REMATCH[1]} PGPASSWORD=\${BASH_REMATCH[2]} PGHOST=\${BASH_REMATCH[3]}
export PGPORT=\${BASH_REMATCH[4]:-5432} PGDATABASE=\${BASH_REMATCH[5]} PGCONNECT_TIMEOUT=4`;
}
