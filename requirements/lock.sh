#!/bin/sh
# Writes the locks: each package that an installation takes, on any supported Python, with the hashes of all its files.
# What is locked stays as it is as long as it fits; `--upgrade` takes the newest of everything.
set -eu
cd "$(dirname -- "$0")/.."
uv=${UV:-.venv/bin/uv}

lock() { # lock NAME ARGUMENT…: requirements/NAME.lock
    name=$1
    shift
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --constraint requirements/dev.lock \
        --output-file "requirements/$name.lock" "$@"
}

[ -e requirements/dev.lock ] || : >requirements/dev.lock
UV_CUSTOM_COMPILE_COMMAND="make lock" "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --output-file requirements/dev.lock "$@" pyproject.toml --group dev
lock run pyproject.toml
lock build --group build
lock release --group release
lock examples --group examples
