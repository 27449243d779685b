#!/usr/bin/env bash
# Gets a fresh clone ready: Node packages, the built CLI and a Docker engine. Does only what is missing.
# Status: 0 ready, 3 this machine needs a person, else that of the step that failed.
set -euo pipefail

readonly NODE_FLOOR=20 # enough for npm ci; the Node that runs the program is one of its packages

say() { printf '%s\n' "setup: $*" >&2; }

cd "$(dirname "$0")/.."

node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p' || true)
if [ "${node_major:-0}" -lt "$NODE_FLOOR" ] || ! command -v npm >/dev/null; then
  say "Node $NODE_FLOOR or newer with npm is needed; found: node ${node_major:-none}, npm $(npm --version 2>/dev/null || echo none)."
  say "to do: install it from https://nodejs.org/ or your package manager"
  exit 3
fi

# npm writes this file when everything else is done, so an interrupted installation is made again.
if [ node_modules/.package-lock.json -nt package-lock.json ]; then
  say "Node packages are there."
else
  say "installing Node packages (npm ci)"
  npm ci --no-audit --no-fund >&2
fi
export PATH=$PWD/node_modules/.bin:$PATH

if [ -e dist/cli.js ] && [ -z "$(find src package.json tsconfig*.json -newer dist/cli.js -print -quit)" ]; then
  say "the CLI is built."
else
  say "building the CLI (npm run build)"
  npm run --silent build >&2
fi

exec scripts/engine.sh
