#!/usr/bin/env bash
# Makes the Debian image that the stack's images grow from, and tags it.
#   base-image.sh TAG    such as stack-debian:13; its end is the release, 12 or 13
# Pulls it where a registry answers, else bootstraps it from Debian's packages. Does nothing when TAG exists.
# Status: 0 the image is there, 1 the bootstrap failed, 2 wrong use, 3 this machine needs a person.
set -euo pipefail

readonly PULL_LIMIT_S=300 FIRST_ANSWER_LIMIT_S=8
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "base image: $*" >&2; }

[ $# = 1 ] || { say "usage: base-image.sh TAG"; exit 2; }
readonly TAG=$1
case $TAG in
  *:12) readonly RELEASE=12 CODENAME=bookworm ;;
  *:13) readonly RELEASE=13 CODENAME=trixie ;;
  *) say "no such release of Debian: $TAG should end in :12 or :13"; exit 2 ;;
esac
readonly UPSTREAM=debian:$CODENAME-slim

if ! docker version >/dev/null 2>&1; then
  say "no Docker engine answers."
  say "to do: $(dirname "$0")/engine.sh"
  exit 3
fi

if docker image inspect "$TAG" >/dev/null 2>&1; then
  say "$TAG is there already."
  exit 0
fi

# The engine tries an unreachable registry for a long time: a pull that has not begun soon is given up.
pull() {
  local log pid status deadline=$((SECONDS + FIRST_ANSWER_LIMIT_S))
  log=$(mktemp)
  timeout "$PULL_LIMIT_S" docker pull "$UPSTREAM" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null && ! grep -q 'Pulling from' "$log" && [ "$SECONDS" -lt "$deadline" ]; do
    sleep 0.1
  done
  grep -q 'Pulling from' "$log" || kill "$pid" 2>/dev/null || true
  status=0
  wait "$pid" || status=$?
  [ "$status" = 0 ] || say "no: $(tail -n 1 "$log")"
  rm -f "$log"
  return "$status"
}

if docker image inspect "$UPSTREAM" >/dev/null 2>&1; then
  say "taking $UPSTREAM, which the engine has already"
  docker tag "$UPSTREAM" "$TAG"
  exit 0
fi

say "asking the registry for $UPSTREAM"
if pull; then
  docker tag "$UPSTREAM" "$TAG"
  say "pulled $UPSTREAM."
  exit 0
fi

if ! command -v mmdebstrap >/dev/null || [ "$(id -u)" != 0 ]; then
  say "the pull failed, and the bootstrap needs root and mmdebstrap (on Debian: apt-get install mmdebstrap)."
  say "to do: docker pull $UPSTREAM where a registry answers, or sudo $0 $TAG"
  exit 3
fi

say "bootstrapping Debian $RELEASE from its packages with mmdebstrap"
rootfs=$(mktemp --suffix=.tar)
trap 'rm -f "$rootfs"' EXIT
mmdebstrap --quiet --variant=minbase --components=main --keyring="$KEYRING" \
  --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  "$CODENAME" "$rootfs" - <<SOURCES >&2
deb http://deb.debian.org/debian $CODENAME main
deb http://deb.debian.org/debian $CODENAME-updates main
deb http://deb.debian.org/debian-security $CODENAME-security main
SOURCES
docker import --change 'CMD ["bash"]' "$rootfs" "$TAG" >/dev/null
say "bootstrapped $TAG."
