#!/bin/sh
# Sees to the service user of the buckets, beside the server that is just starting on the folder $2; then creates the
# marker $1.
# User, policy and what ties them go to the server as one archive, as `mc admin cluster iam import` sends it: the
# client would take seven calls, and its encryption of each key leaves the server with 64 MiB more.
# Keys reach curl through a pipe, so that no process list shows them.
set -eu
marker=$1
data=$2
server=http://127.0.0.1:9000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "provision: $*" >&2; }

# quoted TEXT: as JSON and curl's configuration both have it.
quoted() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

# signed KEY SECRET ARGUMENTS...: a call with that key; fails unless it succeeds.
signed() {
  user=$(quoted "$1:$2")
  shift 2
  printf 'user = %s\n' "$user" |
    curl --config - --aws-sigv4 aws:amz:us-east-1:s3 --fail-with-body --silent --show-error --max-time 5 "$@"
}

wait_for_server() {
  until curl --fail --silent --max-time 2 --output /dev/null "$server/minio/health/ready"; do sleep 0.05; done
}

# What the server loads from its folder takes the place of what it was told before, and it answers a while before that:
# a user who is there must be known first.
is_loaded() {
  [ ! -e "$data/.minio.sys/config/iam/users/$STACK_ACCESS_KEY" ] ||
    ! signed "$STACK_ACCESS_KEY" "$STACK_SECRET_KEY" "$server/" 2>/dev/null | grep -q InvalidAccessKeyId
}

usable() {
  for bucket in $STACK_BUCKETS; do
    signed "$STACK_ACCESS_KEY" "$STACK_SECRET_KEY" --output /dev/null "$server/$bucket?list-type=2&max-keys=1" || return 1
  done
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
policies() {
  cat <<JSON
{
  "stack-buckets": {
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
}
JSON
}

archive() {
  mkdir "$work/iam-assets"
  policies >"$work/iam-assets/policies.json"
  key=$(quoted "$STACK_ACCESS_KEY")
  printf '{%s: {"secretKey": %s, "status": "enabled"}}\n' "$key" "$(quoted "$STACK_SECRET_KEY")" >"$work/iam-assets/users.json"
  printf '{%s: {"version": 1, "policy": "stack-buckets"}}\n' "$key" >"$work/iam-assets/user_mappings.json"
  (cd "$work" && zip --quiet --recurse-paths iam.zip iam-assets)
}

make_user() {
  signed "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD" --request PUT --data-binary "@$work/iam.zip" \
    "$server/minio/admin/v3/import-iam"
}

# At each start, though the user may be there: a bucket that was taken out of the settings is taken from it as well.
archive
wait_for_server
# The server answers before it takes users, so this is tried again for a while.
tries=0
until { is_loaded && make_user && usable; } >"$work/output" 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 40 ]; then
    say "the service user cannot be given access to: $STACK_BUCKETS"
    cat "$work/output" >&2
    exit 1
  fi
  sleep 0.25
done
say "the service user may use: $STACK_BUCKETS"
: >"$marker"
