#!/bin/sh
# Sees to the service user of the buckets, beside the server that is just starting; then creates the marker $1.
# Keys reach the client through its own variables and standard input, so that no process list shows them.
set -eu
marker=$1
server=127.0.0.1:9000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MC_CONFIG_DIR="$work/mc"
export MC_HOST_root="http://$MINIO_ROOT_USER:$MINIO_ROOT_PASSWORD@$server"
export MC_HOST_service="http://$STACK_ACCESS_KEY:$STACK_SECRET_KEY@$server"

say() { printf '%s\n' "provision: $*" >&2; }
fail() { say "$*"; cat "$work/output" >&2 2>/dev/null || true; exit 1; }

wait_for_server() {
  until curl --fail --silent --max-time 2 --output /dev/null "http://$server/minio/health/ready"; do sleep 0.05; done
}

usable() {
  for bucket in $STACK_BUCKETS; do mc --quiet ls "service/$bucket" >/dev/null 2>&1 || return 1; done
}

# listed SUFFIX: the buckets as a JSON list of resource names.
listed() {
  separator=
  for bucket in $STACK_BUCKETS; do
    printf '%s"arn:aws:s3:::%s%s"' "$separator" "$bucket" "$1"
    separator=', '
  done
}

# Everything in these buckets, and nothing else.
policy() {
  cat <<JSON
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
      "Resource": [$(listed "")]
    },
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      "Resource": [$(listed "/*")]
    }
  ]
}
JSON
}

make_user() {
  mc --quiet admin policy create root stack-buckets "$work/policy.json" || return 1
  printf '%s\n%s\n' "$STACK_ACCESS_KEY" "$STACK_SECRET_KEY" | mc --quiet admin user add root || return 1
  # It is refused when it is attached already.
  mc --quiet admin policy attach root stack-buckets --user "$STACK_ACCESS_KEY" || true
}

wait_for_server
if ! usable; then
  policy >"$work/policy.json"
  # The server answers before it takes users, so this is tried again for a while.
  tries=0
  until make_user >"$work/output" 2>&1 && usable; do
    tries=$((tries + 1))
    [ "$tries" -lt 40 ] || fail "the service user cannot be given access to: $STACK_BUCKETS"
    sleep 0.25
  done
  say "made the service user of: $STACK_BUCKETS"
fi
: >"$marker"
