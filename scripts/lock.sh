#!/usr/bin/env bash
# Solves compose/images/*/requirements.in into requirements.lock, with the hashes of all files for every processor.
#   lock.sh [IMAGE...]    default: all
# A lock changes only when its requirements or the dates below do: nothing published later is seen.
set -euo pipefail

readonly UV_VERSION=0.13.9
# Airflow 3.3.2 with what it was tested with: later dates solve to SQLAlchemy 2.1, which it does not know.
# MLflow has a date of its own in both images, so that the client is the server's version.
readonly AIRFLOW_CUT_OFF=2026-09-18T00:00:00Z MLFLOW_CUT_OFF=2026-11-20T00:00:00Z

say() { printf '%s\n' "lock: $*" >&2; }

cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- airflow mlflow

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
say "installing uv $UV_VERSION into a temporary folder"
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --target "$tools" "uv==$UV_VERSION" >&2

for image in "$@"; do
  folder=compose/images/$image
  case $image in
    airflow) cut_off=$AIRFLOW_CUT_OFF ;;
    mlflow) cut_off=$MLFLOW_CUT_OFF ;;
    *) say "no requirements are locked for $image"; exit 2 ;;
  esac
  options=(--exclude-newer "$cut_off")
  for package in mlflow mlflow-skinny mlflow-tracing; do
    options+=(--exclude-newer-package "$package=$MLFLOW_CUT_OFF")
  done
  # Requirements of requirements that the image does without.
  if [ -e "$folder/excludes.txt" ]; then options+=(--excludes "$folder/excludes.txt"); fi

  say "solving $folder/requirements.in as of $cut_off"
  # This machine's wheel folders and settings stay out of the lock.
  env --unset=UV_FIND_LINKS --unset=PIP_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="scripts/lock.sh $image" \
    "$tools/bin/uv" pip compile --quiet --no-config --system-certs --upgrade --generate-hashes --only-binary :all: \
    --python-version 3.13 --python-platform x86_64-manylinux_2_28 "${options[@]}" \
    --output-file "$folder/requirements.lock" "$folder/requirements.in"
done
