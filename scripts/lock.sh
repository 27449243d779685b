#!/usr/bin/env bash
# Solves compose/images/*/requirements.in into requirements.lock, with the hashes of all files for every processor.
#   lock.sh [IMAGE|tools|tests...]    default: all; "tools" are those of supply-chain/, "tests" what images are tested with
# A lock changes only when its requirements or the dates below do: nothing published later is seen.
# The other .in files beside it become .lock files, too: uv, and what packages without a wheel are built with.
set -euo pipefail

# Airflow 3.3.2 with what it was tested with: later dates solve to SQLAlchemy 2.1, which it does not know.
# MLflow has a date of its own in both images, so that the client is the server's version.
readonly AIRFLOW_CUT_OFF=2026-09-18T00:00:00Z MLFLOW_CUT_OFF=2026-11-20T00:00:00Z
# Airflow 2.7.3 and MLflow 2.22.4 with what was new in their own time.
readonly AIRFLOW_CLASSIC_CUT_OFF=2023-12-01T00:00:00Z MLFLOW_CLASSIC_CUT_OFF=2026-01-01T00:00:00Z
# What no image runs is as new as its lock, whatever it installs.
readonly TOOLS_CUT_OFF=2026-11-20T00:00:00Z

say() { printf '%s\n' "lock: $*" >&2; }

cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- airflow mlflow airflow-classic mlflow-classic check tools tests

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
say "installing uv into a temporary folder"
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --target "$tools" --require-hashes --only-binary :all: \
  --requirement compose/images/airflow/uv.lock >&2

for image in "$@"; do
  folder=compose/images/$image
  python=3.13 platform=(--python-platform x86_64-manylinux_2_28)
  case $image in
    airflow) cut_off=$AIRFLOW_CUT_OFF ;;
    mlflow) cut_off=$MLFLOW_CUT_OFF ;;
    airflow-classic) cut_off=$AIRFLOW_CLASSIC_CUT_OFF python=3.11 ;;
    mlflow-classic) cut_off=$MLFLOW_CLASSIC_CUT_OFF python=3.11 ;;
    check) cut_off=$TOOLS_CUT_OFF ;;
    # These run on the machine itself, whichever it is.
    tools) cut_off=$TOOLS_CUT_OFF python=3.11 platform=(--universal) folder=supply-chain ;;
    tests) cut_off=$TOOLS_CUT_OFF folder=test/support/pytest-image ;;
    *) say "no requirements are locked for $image"; exit 2 ;;
  esac
  options=(--exclude-newer "$cut_off" --exclude-newer-package "uv=$TOOLS_CUT_OFF" --only-binary :all:)
  if [ "$image" = airflow ] || [ "$image" = mlflow ]; then
    for package in mlflow mlflow-skinny mlflow-tracing; do
      options+=(--exclude-newer-package "$package=$MLFLOW_CUT_OFF")
    done
  fi
  # No wheel of these was made for this Python.
  if [ "$image" = airflow-classic ]; then
    for package in cron-descriptor pendulum python-nvd3 unicodecsv; do options+=(--no-binary "$package"); done
  fi
  # Requirements of requirements that the image does without.
  if [ -e "$folder/excludes.txt" ]; then options+=(--excludes "$folder/excludes.txt"); fi

  for requirements in "$folder"/*.in; do
    say "solving $requirements as of $cut_off"
    # This machine's wheel folders and settings stay out of the lock.
    env --unset=UV_FIND_LINKS --unset=PIP_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="scripts/lock.sh $image" \
      "$tools/bin/uv" pip compile --quiet --no-config --system-certs --upgrade --generate-hashes \
      --python-version "$python" "${platform[@]}" "${options[@]}" \
      --output-file "${requirements%.in}.lock" "$requirements"
  done
done
