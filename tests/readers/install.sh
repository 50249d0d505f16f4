#!/bin/sh
# Installs the engines of the tests that are no Python packages, once, into $PIPELINEKIT_ENGINES (default: .engines).
# npm/package-lock.json names each with its hash, and no host.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
engines=${PIPELINEKIT_ENGINES:-$root/.engines}
lock=$root/tests/readers/npm/package-lock.json

if cmp -s "$lock" "$engines/installed.lock"; then
    exit 0
fi
mkdir -p "$engines"
cp "$root/tests/readers/npm/package.json" "$lock" "$engines/"
npm ci --prefix "$engines" --no-audit --no-fund --ignore-scripts
cp "$lock" "$engines/installed.lock"
