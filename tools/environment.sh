#!/bin/sh
# Set up .venv from the lock, once: tools/environment.sh PYTHON [pip]
# The lock is copied in last, so that an installation that was killed is done again.
set -eu
python=$1
echo "Setting up .venv with $("$python" --version) (once, up to two minutes)" >&2
if uv --version >/dev/null 2>&1 && [ "${2-}" != pip ]; then
  uv venv --quiet --clear --python "$python" .venv
  uv pip sync --quiet --python .venv/bin/python --compile-bytecode \
    --require-hashes --only-binary :all: requirements.lock
else
  if ! "$python" -m venv --clear .venv; then
    echo "On Debian and Ubuntu venv is a package of its own: sudo apt install python3-venv" >&2
    exit 1
  fi
  # the lock names every library: pip before 23.3 takes one that has extras ("fonttools[woff]") from
  # its newest release, which has no hash here
  .venv/bin/python -m pip --quiet --disable-pip-version-check install \
    --no-deps --require-hashes --only-binary :all: -r requirements.lock
fi
cp requirements.lock .venv/requirements.lock
