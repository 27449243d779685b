#!/bin/sh
# As the official image: a bare `server /data` means `minio server /data`. Anything that can be run, runs.
set -eu
if ! command -v -- "$1" >/dev/null 2>&1; then
  set -- minio "$@"
fi
exec "$@"
