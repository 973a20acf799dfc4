#!/bin/sh
# Makes .venv and installs the pinned versions into it.
#   setup.sh run   what the program needs
#   setup.sh dev   that, and what tests and checks need
# Costs nothing when .venv is current: a stamp remembers what it was made from and where.
# PYTHON=python3.12 chooses the interpreter; pip's own configuration decides where packages come from.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
venv=.venv
log=$venv/set-up.log
here=$(pwd -P)
wanted="$(cat pyproject.toml constraints.txt tools/setup.sh | cksum) $here"

# Words for people go to 3, so that a noisy tool can be silenced around them
exec 3>&2
say() { printf 'mediadl: %s\n' "$*" >&3; }
fail() { say "$*"; exit 1; }
is_current() { [ -f "$venv/.set-up-$1" ] && [ "$(cat "$venv/.set-up-$1")" = "$wanted" ]; }
runs() { "$venv/bin/python" -c '' 2>/dev/null; }

# Each usable interpreter as "minor path", the newest first
pythons() {
  for name in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3}; do
    path=$(command -v "$name" 2>/dev/null) || continue
    minor=$("$path" -c 'import sys; print(sys.version_info[1] if sys.version_info >= (3, 11) else "")' 2>/dev/null) || continue
    [ -z "$minor" ] || printf '%s %s\n' "$minor" "$path"
  done | sort -s -r -n -k 1,1
}

# A virtual environment with pip in it, whichever way this machine knows; says nothing
create_with() {
  python=$1
  rm -rf "$venv"
  "$python" -m venv "$venv" && return
  # Debian keeps ensurepip in python3-venv; a pip outside can fill an environment that has none
  rm -rf "$venv"
  "$python" -m venv --without-pip "$venv" && "$python" -m pip --python "$venv/bin/python" install pip && return
  rm -rf "$venv"
  "$python" -m virtualenv "$venv" && return
  virtualenv --python "$python" "$venv" && return
  uv venv --seed --python "$python" "$venv" && return
  rm -rf "$venv"
  return 1
}

create() {
  found=$(pythons)
  [ -n "$found" ] || [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no Python 3.11 or newer."
  [ -n "$found" ] || fail "needs Python 3.11 or newer. Install it (Debian: apt-get install python3 python3-venv), then run make again."
  while read -r minor python; do
    create_with "$python" && return
  done <<EOF
$found
EOF
  minor=${found%% *}
  python=${found#* }
  python=${python%%
*}
  if "$python" -c 'import ensurepip'; then
    fail "could not make .venv here. To see why: $python -m venv $venv"
  fi
  if [ "$(id -u)" = 0 ] && command -v apt-get; then
    say "installing python3.$minor-venv, which this Python lacks"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "python3.$minor-venv" && create_with "$python" && return
  fi
  fail "this Python cannot make a virtual environment. Run: sudo apt-get install python3.$minor-venv   then run make again."
}

pip_install() {
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-warn-script-location \
    -c constraints.txt "$@" </dev/null >>"$log" 2>&1 && return
  grep -v '^WARNING' "$log" | tail -n 8 >&2
  fail "pip failed; the lines above are its last words, all of them are in $log"
}

if is_current "$kind" && runs; then exit 0; fi
if [ "$kind" = run ] && is_current dev && runs; then exit 0; fi

began=$(date +%s)
if [ -f "$venv/.made-in" ] && [ "$(cat "$venv/.made-in")" != "$here" ]; then
  say "the folder has moved, making .venv anew"
  rm -rf "$venv"
fi
if ! runs; then
  say "making .venv"
  create </dev/null >/dev/null 2>&1
fi
rm -f "$venv"/.set-up-*
: >"$log"
printf '%s\n' "$here" >"$venv/.made-in"
if [ "$kind" = dev ]; then
  say "installing the pinned versions, with the tools for tests and checks"
else
  say "installing the pinned versions"
fi
pip_install pip
if [ "$kind" = dev ]; then
  pip_install --build-constraint constraints.txt -e . --group dev
else
  pip_install --build-constraint constraints.txt -e .
fi
printf '%s\n' "$wanted" >"$venv/.set-up-$kind"
say "ready after $(($(date +%s) - began)) s"
