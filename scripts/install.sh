#!/usr/bin/env bash
# Packs what is built in dist/ and installs it where npm puts programs, for the Node that is on the path.
#   install.sh [option of npm install...]      for example --prefix ~/.local
# Status: 0 installed, 3 this machine needs a person, else npm's.
set -euo pipefail

readonly NODE_FLOOR=22

cd "$(dirname "$0")/.."

node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p' || true)
if [ "${node_major:-0}" -lt "$NODE_FLOOR" ]; then
  printf '%s\n' "install: stack runs on Node $NODE_FLOOR or newer; the path has ${node_major:-none}." \
    "install: to do: install it from https://nodejs.org/ or your package manager" >&2
  exit 3
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
package=$(npm pack --silent --ignore-scripts --pack-destination "$folder")
npm install --global --no-audit --no-fund "$@" "$folder/$package"
