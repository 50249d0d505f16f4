#!/bin/sh
# Put one version of the service into one environment on this machine.
#
#   deploy.sh ENVIRONMENT REPOSITORY:COMMIT
#
# DATABASE_URL  the environment's database (secret)
# DEPLOY_HOST   not set: a container, by podman or docker; local: a process, from the wheel in dist/ and the Python on PATH
# PORT          on 127.0.0.1; 8081 for staging, 8082 for production
# RUN_DIR       of DEPLOY_HOST=local: releases, logs and process ids; ~/.local/state/price-service when not set
# WAIT          seconds that a start may take, 30 when not set
#
# The new version starts beside the old one and has to answer with its commit before it takes the port: one that doesn't
# replaces nothing.
set -eu

fail() {
    echo "deploy.sh: $*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "usage: deploy.sh ENVIRONMENT REPOSITORY:COMMIT"
environment=$1
image=$2
commit=${image##*:}
case $commit in
"$image" | '' | */*) fail "$image names no commit" ;;
esac
case $environment in
staging) port=${PORT:-8081} ;;
production) port=${PORT:-8082} ;;
*) fail "no environment $environment" ;;
esac
[ -n "${DATABASE_URL:-}" ] || fail "DATABASE_URL is missing"
here=$(cd "$(dirname "$0")" && pwd)
live=price-$environment
candidate=$live-candidate

# Each kind of host has four functions: prepare; start NAME PORT (no port: none that others reach); answers NAME PORT; stop NAME.
container_host() {
    engine=$(command -v podman || command -v docker) || fail "neither podman nor docker is here; DEPLOY_HOST=local needs neither"
    prepare() {
        "$engine" image inspect "$image" >/dev/null 2>&1 || "$engine" pull "$image"
    }
    start() {
        "$engine" run --detach --name "$1" ${2:+--publish "127.0.0.1:$2:8000"} \
            --env APP_ENV="$environment" --env DATABASE_URL "$image" >/dev/null
    }
    answers() {
        "$engine" exec "$1" python3 -m price.smoke http://127.0.0.1:8000 --expect "$commit" --wait "${WAIT:-30}" ||
            { "$engine" logs "$1" >&2; return 1; }
    }
    stop() {
        "$engine" rm --force "$1" >/dev/null 2>&1 || true
    }
}

local_host() {
    run=${RUN_DIR:-$HOME/.local/state/price-service}/$environment
    mkdir -p "$run/releases"
    run=$(cd "$run" && pwd)
    prepare() {
        release=$(mktemp -d "$run/releases/XXXXXX")
        python3 -m pip install --quiet --no-index --no-deps --target "$release" "$here"/dist/price-*.whl
        baked=$(cat "$release/price/COMMIT") || fail "the wheel in dist/ does not say its commit"
        [ "$baked" = "$commit" ] || fail "the wheel in dist/ is of commit $baked, not $commit"
        spare=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    }
    start() {
        cd "$release" # `python3 -m` finds the package in the working directory
        PRICE_COMMIT="" APP_ENV="$environment" nohup python3 -m uvicorn --factory price.api:create_app \
            --host 127.0.0.1 --port "${2:-$spare}" </dev/null >"$run/$1.log" 2>&1 &
        echo $! >"$run/$1.pid"
    }
    answers() {
        python3 -m price.smoke "http://127.0.0.1:${2:-$spare}" --expect "$commit" --wait "${WAIT:-30}" ||
            { cat "$run/$1.log" >&2; return 1; }
    }
    stop() {
        [ -f "$run/$1.pid" ] || return 0
        pid=$(cat "$run/$1.pid")
        rm "$run/$1.pid"
        # The number may have gone to another process since.
        grep -qs price.api "/proc/$pid/cmdline" || return 0
        kill "$pid" 2>/dev/null || true
        tries=0
        while grep -qs price.api "/proc/$pid/cmdline"; do
            tries=$((tries + 1))
            [ "$tries" -lt 100 ] || kill -9 "$pid" 2>/dev/null || true
            sleep 0.1
        done
    }
}

case ${DEPLOY_HOST:-} in
'') container_host ;;
local) local_host ;;
*) fail "DEPLOY_HOST is $DEPLOY_HOST, not local" ;;
esac

prepare
stop "$candidate"
trap 'stop "$candidate"' EXIT
start "$candidate" ''
answers "$candidate" '' >/dev/null || fail "$commit does not start; $live stays as it was"
stop "$live"
start "$live" "$port"
answers "$live" "$port" || fail "$commit does not answer on port $port"
if [ "${DEPLOY_HOST:-}" = local ]; then
    for old in "$run"/releases/*; do
        [ "$old" = "$release" ] || rm -r "$old"
    done
fi
