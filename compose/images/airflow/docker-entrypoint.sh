#!/bin/sh
# As the official image: `bash`, `python`, `airflow` and `stack-launcher` run as given, anything else is a command of airflow's.
set -eu
case "${1:-}" in
  airflow | bash | sh | python | python3 | stack-launcher) exec "$@" ;;
  /*) exec "$@" ;;
  *) exec airflow "$@" ;;
esac
