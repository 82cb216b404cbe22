#!/usr/bin/env bash
# A browser for the tests that look at maps in one. Installed from the system's packages where that is allowed; without
# one those tests are skipped and say so. Silent and fast when there is one.
set -uo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "installing from the system's packages: chromium"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "no browser here; the tests that need one are skipped (Debian and Ubuntu: sudo apt-get install chromium)" >&2
exit 0
