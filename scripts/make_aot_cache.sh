#!/usr/bin/env bash
# make_aot_cache.sh: makes the cache from which mpquic's JVM starts faster.
#
# Usage: make_aot_cache.sh [--force] [--help]
#
#   --force   make it even if there is one for this jar, runtime and launcher
#
# Trains a JVM with the launcher's own settings: over `mpquic rehearse`, which runs
# what a daemon goes through from its start to its first packets, in a network
# namespace that ends with it; where no such namespace can be had, over `mpquic
# demo`, which needs no rights and finds three quarters of it. Then writes /var/cache/mpquic/mpquic.aot, whole or not at all. Takes a few
# seconds. Running tunnels keep what they started with.
#
# A cache that does not fit is of no harm: launcher and JVM pass it over.
#
# Environment: MPQUIC_HOME (default: where this script is installed) and
# MPQUIC_AOT_CACHE (default as above).
# Exit codes: 0 there is a cache, or this Java (before 25) knows none; 1 it could
# not be made; 2 the command line is wrong.
set -euo pipefail

home=${MPQUIC_HOME:-$(dirname "$(dirname "$(readlink -f "$0")")")}
launcher=$home/bin/mpquic
cache=${MPQUIC_AOT_CACHE:-/var/cache/mpquic/mpquic.aot}
# How long each direction of each of the seven tunnels is loaded. Longer finds no
# more classes.
readonly SECONDS_PER_TUNNEL=0.1

die() {
    echo "ERROR: $1" >&2
    exit "${2:-1}"
}

force=false
case ${1:-} in
    '') ;;
    --force) force=true ;;
    -h | --help) sed -n '2,/^[^#]/ { /^#/! d; s/^# \{0,1\}//; p }' "$0"; exit 0 ;;
    *) die "unknown argument: $1 (try --help)" 2 ;;
esac
[[ -x $launcher ]] || die "$launcher is missing: install mpquic again, or set MPQUIC_HOME"

version=$("$launcher" --version) || die "$launcher does not run"
release=$(sed -n 's/^Java \([0-9]*\).*/\1/p' <<<"$version")
if ((${release:-0} < 25)); then
    echo "Java ${release:-?} knows no AOT cache (25 does): nothing to do"
    exit 0
fi

# What the cache was made for. Length and time of the jar are what the launcher
# compares; whether the cache is up to date, the content tells.
fingerprint() {
    local files=("$home/mpquic-cli.jar" "$launcher") file
    for file in "$home"/runtime/lib/{modules,server/libjvm.so}; do
        [[ ! -f $file ]] || files+=("$file")
    done
    stat -L -c 'jar %Y %s' "$home/mpquic-cli.jar"
    echo "$version"
    sha256sum "${files[@]}"
}

stamp=$cache.made-for
made_for=$(fingerprint)
if ! $force && [[ -s $cache && -f $stamp && $(<"$stamp") == "$made_for" ]]; then
    echo "$cache is up to date"
    exit 0
fi

mkdir -p "$(dirname "$cache")"
work=$(mktemp -d "$cache.XXXXXX")
trap 'rm -rf "$work"' EXIT
# train WORD...: what the WORDs start fills the cache. Running tunnels go first: this is in no hurry.
train() {
    MPQUIC_JAVA_OPTS="${MPQUIC_JAVA_OPTS:-} -XX:AOTCacheOutput=$work/new.aot" nice "$@" >"$work/log" 2>&1
}

# With a service manager to talk to, though nobody listens.
rehearse() {
    [[ -c /dev/net/tun ]] && unshare --net ip link set lo up 2>/dev/null || return 1
    # shellcheck disable=SC2016 # for the inner shell
    train env NOTIFY_SOCKET="$work/none" WATCHDOG_USEC=1000000 \
        unshare --net sh -c 'ip link set lo up && exec "$0" rehearse' "$launcher"
}

rehearse || train "$launcher" demo --seconds "$SECONDS_PER_TUNNEL" ||
    { cat "$work/log" >&2; die "the training run failed"; }
# AOTMode=on: refuse to start rather than pass over a cache that does not fit.
MPQUIC_JAVA_OPTS="${MPQUIC_JAVA_OPTS:-} -XX:AOTCache=$work/new.aot -XX:AOTMode=on -XX:+VerifySharedSpaces" \
    "$launcher" --version >>"$work/log" 2>&1 ||
    { cat "$work/log" >&2; die "the JVM does not accept the cache that it made"; }

chmod 0644 "$work/new.aot"
# On disk before it has its name: a machine that loses power keeps no half of it.
sync "$work/new.aot"
rm -f "$stamp"
mv -f "$work/new.aot" "$cache"
echo "$made_for" >"$stamp"
chmod 0644 "$stamp"
echo "made $cache"
