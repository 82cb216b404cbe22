#!/usr/bin/env bash
# Makes .venv with the interpreter named in $1; Python >= 3.11.
set -euo pipefail

python=$1
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Vedette needs Python 3.11 or newer; $python is not. Name another one: make setup PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        echo "installing from the system's packages: python3-venv"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
        echo "$python cannot make virtual environments; install its venv package (Debian: python3-venv)" >&2
        exit 1
    fi
fi
"$python" -m venv .venv
