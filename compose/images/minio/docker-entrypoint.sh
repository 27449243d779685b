#!/bin/sh
# As the official image: a bare `server /data` means `minio server /data`. Anything that can be run, runs.
# With STACK_BUCKETS, STACK_ACCESS_KEY and STACK_SECRET_KEY, the server also makes these buckets and a user who
# may use only them; /tmp/stack/ready is there when both are.
set -eu
readonly MARKER=/tmp/stack/ready

say() { printf '%s\n' "entrypoint: $*" >&2; }

# S3's rule, for names without dots and with: no glob, no slash, no hidden folder.
is_bucket_name() {
  case $1 in
    *[!a-z0-9.-]* | [.-]* | *[.-] | *..* | *.-* | *-.* | xn--*) return 1 ;;
  esac
  case $1 in
    *[!0-9.]*) ;;
    *.*.*.*) return 1 ;; # an IP address
  esac
  [ ${#1} -ge 3 ] && [ ${#1} -le 63 ]
}

# A folder under the data path is a bucket to the server.
make_buckets() {
  for bucket in $STACK_BUCKETS; do
    if ! is_bucket_name "$bucket"; then
      say "not a bucket name: $bucket"
      exit 1
    fi
    mkdir -p "$1/$bucket"
  done
}

rm -f "$MARKER"
if ! command -v -- "$1" >/dev/null 2>&1; then
  set -- minio "$@"
fi

if [ "$1" = minio ] && [ "${2:-}" = server ] && [ -n "${3:-}" ] &&
  [ -n "${STACK_BUCKETS:-}" ] && [ -n "${STACK_ACCESS_KEY:-}" ] && [ -n "${STACK_SECRET_KEY:-}" ]; then
  set -f # names are checked, not expanded
  make_buckets "$3"
  mkdir -p "${MARKER%/*}"
  # An orphan, so that tini takes note of its end; the server would not.
  (provision.sh "$MARKER" "$3" &)
fi
exec "$@"
