#!/usr/bin/env bash
# Brings this machine to the point where a Docker engine, Compose and buildx answer.
#   engine.sh         look, install what is missing (Debian, as root), start, wait until it answers
#   engine.sh stop    end the engine that this script started by hand
# Status: 0 ready, 1 the engine did not come up, 2 wrong use, 3 this machine needs a person.
set -euo pipefail

readonly ENGINE_FLOOR=25 COMPOSE_FLOOR=2.26
readonly CONTAINERD_PID_FILE=/run/docker/containerd/containerd.pid
readonly PID_FILE=/run/stack-dockerd.pid LOG_FILE=/var/log/dockerd.log LOCK_FILE=/run/stack-engine.lock
readonly START_LIMIT_S=60 STOP_LIMIT_S=60

say() { printf '%s\n' "engine: $*" >&2; }
refuse() { say "$1"; say "to do: $2"; exit 3; }

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
engine_version() { timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null; }
compose_version() { timeout 10 docker compose version --short 2>/dev/null | sed 's/^v//'; }
answers() { [ -n "$(engine_version)" ]; }
has_engine() {
  local installed
  installed=$(dockerd --version 2>/dev/null | sed -n 's/^Docker version \([^,]*\),.*/\1/p')
  [ -n "$installed" ] && at_least "$installed" "$ENGINE_FLOOR"
}
has_plugins() {
  local compose
  compose=$(compose_version) && at_least "$compose" "$COMPOSE_FLOOR" && docker buildx version >/dev/null 2>&1
}

report_if_ready() {
  local engine
  engine=$(engine_version) && [ -n "$engine" ] || return 1
  at_least "$engine" "$ENGINE_FLOOR" ||
    refuse "the engine that answers is $engine; $ENGINE_FLOOR or newer is needed." \
      "upgrade it, see https://docs.docker.com/engine/install/"
  has_plugins || return 1
  say "engine $engine and Compose $(compose_version) answer."
}

os_release() { sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | tr -d '"'; }
has_systemd() { [ -d /run/systemd/system ]; }

check_can_install() {
  local guide="install Docker Engine $ENGINE_FLOOR+ with Compose $COMPOSE_FLOOR+ and buildx: https://docs.docker.com/engine/install/"
  [ "$(uname -s)" = Linux ] || refuse "no usable Docker engine answers." "start Docker Desktop, or $guide"
  [ "$(os_release ID)" = debian ] || refuse "no usable Docker engine answers, and only Debian can be set up by this script." "$guide"
  [ "$(id -u)" = 0 ] || refuse "no usable Docker engine answers to user $(id -un)." \
    "sudo $0   (or, when an engine runs already: sudo usermod -aG docker $(id -un), then log in again)"
}

# Older releases take Docker from Debian 13. Docker's packages run on Debian 12's C library (runc's does not:
# Debian 12's own serves), so they are the only ones lifted; the rest of Debian 13 stays out of reach.
add_trixie() {
  local version
  version=$(os_release VERSION_ID) # testing and unstable have none
  [ "${version:-99}" -lt 13 ] || return 0
  say "Debian $version's own Docker is too old: adding Debian 13 as an apt source, for Docker's packages only"
  cat >/etc/apt/preferences.d/stack-trixie <<'PIN'
Package: *
Pin: release n=trixie*
Pin-Priority: 100

Package: docker.io docker-cli docker-compose docker-buildx containerd tini-static
Pin: release n=trixie*
Pin-Priority: 990
PIN
  cat >/etc/apt/sources.list.d/stack-trixie.sources <<'SOURCE'
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: trixie-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCE
}

install_packages() {
  local package packages=("$@")
  # What the machine has already is left as it is: naming it would upgrade it.
  for package in iptables ca-certificates mmdebstrap; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || packages+=("$package")
  done
  say "installing with apt: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # An earlier, interrupted run may have left packages unpacked but not configured.
  dpkg --configure -a >&2
  apt-get update -qq >&2
  # Without systemd, run level 1 keeps the package from starting the engine in its own way.
  RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
}

# Process ids of NAME, without those that have ended but were not reaped: not every pid 1 does that.
living() {
  awk -v wanted="$1" '$1 == "Name:" { name = $2 } $1 == "State:" { state = $2 }
    $1 == "Pid:" && name == wanted && state != "Z" { print $2 }' /proc/[0-9]*/status 2>/dev/null || true
}
own_pid() { living dockerd | grep -xF "$(cat "$PID_FILE" 2>/dev/null)"; }

start_by_hand() {
  if ! grep -qE ' /sys/fs/cgroup(/[^ ]*)? cgroup2? ' /proc/mounts; then
    say "mounting cgroups at /sys/fs/cgroup"
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  fi
  if [ -n "$(living dockerd)" ]; then
    say "a dockerd is running already; waiting for it"
    return
  fi
  say "no service manager here: starting dockerd by hand (pid file $PID_FILE, log $LOG_FILE)"
  # What an engine that was killed left: dockerd would wait for a containerd that is dead.
  rm -f "$PID_FILE"
  if [ -z "$(living containerd)" ]; then rm -f "$CONTAINERD_PID_FILE"; fi
  setsid nohup dockerd --pidfile "$PID_FILE" >>"$LOG_FILE" 2>&1 </dev/null 9>&- &
}

has_died() { ! has_systemd && [ -z "$(living dockerd)" ]; }

wait_until_it_answers() {
  local deadline=$((SECONDS + START_LIMIT_S))
  until answers; do
    sleep 0.5
    if [ "$SECONDS" -ge "$deadline" ] || has_died; then
      say "the engine does not answer. Its last words:"
      if has_systemd; then journalctl -u docker -n 20 --no-pager >&2 || true; else tail -n 20 "$LOG_FILE" >&2 || true; fi
      exit 1
    fi
  done
}

start() {
  if report_if_ready; then return; fi
  check_can_install
  exec 9>"$LOCK_FILE"
  flock 9
  if report_if_ready; then return; fi # another run may have been faster
  if ! answers && ! has_engine; then
    add_trixie
    install_packages docker.io docker-cli docker-compose docker-buildx
  elif ! has_plugins; then
    add_trixie
    install_packages docker-cli docker-compose docker-buildx
  fi
  if answers; then :; elif has_systemd; then
    say "starting the docker service"
    systemctl enable --now docker >&2 || true
  else
    start_by_hand
  fi
  wait_until_it_answers
  report_if_ready || refuse "the engine answers, but Compose $COMPOSE_FLOOR+ or buildx does not." \
    "docker compose version; docker buildx version"
}

stop() {
  local pid deadline=$((SECONDS + STOP_LIMIT_S))
  if ! pid=$(own_pid); then
    say "no engine here was started by this script."
    return
  fi
  say "ending dockerd (pid $pid)"
  kill "$pid"
  while living dockerd | grep -qxF "$pid"; do
    [ "$SECONDS" -lt "$deadline" ] || { say "dockerd is still there after $STOP_LIMIT_S s."; exit 1; }
    sleep 0.2
  done
}

case "${1:-start}" in
  start) start ;;
  stop) stop ;;
  *) say "usage: engine.sh [start|stop]"; exit 2 ;;
esac
