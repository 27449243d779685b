#!/bin/sh
# As the official image: `bash`, `python` and `airflow` run as given, anything else is a command of airflow's.
set -eu
case "${1:-}" in
  airflow | bash | sh | python | python3) exec "$@" ;;
  /*) exec "$@" ;;
  *) exec airflow "$@" ;;
esac
