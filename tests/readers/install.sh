#!/bin/sh
# Installs the engines of the tests that are no Python packages, once, into $PIPELINEKIT_ENGINES (default: .engines).
set -eu

# 4.74 and later need Node 22 and crash at import without saying so.
package=gitlab-ci-local
version=4.73.0

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
engines=${PIPELINEKIT_ENGINES:-$root/.engines}
manifest=$engines/node_modules/$package/package.json

if grep -qs "\"version\": \"$version\"" "$manifest"; then
    exit 0
fi
mkdir -p "$engines"
npm install --prefix "$engines" --no-audit --no-fund --no-save "$package@$version"
