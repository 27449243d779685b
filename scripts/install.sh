#!/usr/bin/env bash
# Packs what is built in dist/ and installs it where npm puts programs, for the Node that is on the path.
#   install.sh [option of npm install...]      for example --prefix ~/.local
# Status: 0 installed, 3 this machine needs a person, else npm's.
set -euo pipefail

readonly NODE_FLOOR=22.12.0

cd "$(dirname "$0")/.."

node=$(node --version 2>/dev/null | sed 's/^v//' || true)
if ! printf '%s\n' "$NODE_FLOOR" "${node:-0}" | sort --version-sort --check=silent; then
  printf '%s\n' "install: stack runs on Node $NODE_FLOOR or newer; the path has ${node:-none}." \
    "install: to do: install it from https://nodejs.org/ or your package manager" >&2
  exit 3
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
package=$(npm pack --silent --ignore-scripts --pack-destination "$folder")
npm install --global --no-audit --no-fund "$@" "$folder/$package"
