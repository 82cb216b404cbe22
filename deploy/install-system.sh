#!/usr/bin/env bash
# What Python packages cannot bring: a Java runtime >= 17 for the broker and Maven to fetch Kafka once. Installed from
# the system's packages where that is allowed; otherwise one message names them. Silent and fast when all is there.
set -euo pipefail

java_version() { # of the launcher in $1: its major version
    "$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1
}

if [[ -n ${VEDETTE_BROKER:-} ]]; then exit 0; fi # somebody else's broker is used

java=java
if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then java=$JAVA_HOME/bin/java; fi
missing=()
if ! command -v "$java" >/dev/null || (($(java_version "$java") < 17)); then missing+=(openjdk-17-jre-headless); fi
if ! command -v mvn >/dev/null; then missing+=(maven); fi
if ((${#missing[@]} == 0)); then exit 0; fi

if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "installing from the system's packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # A release without Java 17 has a newer one as its default.
    if [[ " ${missing[*]} " == *" openjdk-17-jre-headless "* ]] && ! apt-cache show openjdk-17-jre-headless >/dev/null 2>&1
    then missing=("${missing[@]/openjdk-17-jre-headless/default-jre-headless}"); fi
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    exit 0
fi
cat >&2 <<MESSAGE
Vedette's embedded broker needs a Java runtime of version 17 or newer, and Maven to fetch Kafka once.
Missing here: ${missing[*]}
Install them (Debian and Ubuntu: sudo apt-get install ${missing[*]}), then run the same command again.
MESSAGE
exit 1
