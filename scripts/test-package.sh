#!/usr/bin/env bash
# scripts/test-package.sh: whether the packages are what they should be, without installing them.
#
# Usage: scripts/test-package.sh [--help]
#
# Makes the packages twice and compares them byte by byte, lets lintian look at the .deb, and
# runs the packaged program: on its own runtime, on other Javas, and with start-up caches that
# are whole, damaged or another program's. Needs no rights. scripts/test-deploy.sh installs them.
#
# One line for each check, "ok" or "FAIL". Exits with 0 if all are ok.
# shellcheck disable=SC2317,SC2119,SC2120 # functions are called by way of check
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
    '') ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    *) die "unknown argument: $1 (try --help)" ;;
esac

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
failed=0

# check NAME COMMAND...: its output is shown when it fails.
check() {
    local name=$1
    shift
    if "$@" >"$WORK/log" 2>&1; then
        printf 'ok    %s\n' "$name"
    else
        printf 'FAIL  %s\n' "$name"
        sed 's/^/      /' "$WORK/log"
        failed=1
    fi
}

# ---- The packages -----------------------------------------------------------------------

make_packages() { "$MPQUIC_HOME/scripts/package.sh" --output "$1"; }

same_bytes() {
    local file
    for file in "$WORK"/first/*; do cmp "$file" "$WORK/second/${file##*/}" || return 1; done
}

pages_are_well_formed() {
    local said
    said=$(man --local-file --warnings --encoding=UTF-8 "$MPQUIC_HOME"/deploy/debian/man/*.[1-8] 2>&1 >/dev/null)
    [[ -z $said ]] || { echo "$said"; return 1; }
}

# ---- The launcher ------------------------------------------------------------------------

LIB=$MPQUIC_HOME/target/dist/root/usr/lib/mpquic
# A copy without the runtime, for other Javas; and one whose jar is another.
bare=$WORK/bare/usr/lib/mpquic other=$WORK/other/usr/lib/mpquic
cache=$WORK/cache/mpquic.aot

# says_version ENV... : the launcher of $lib says its version, and not a word more.
says_version() {
    local said
    said=$(env "$@" "$lib/bin/mpquic" --version 2>&1) || { echo "exit code $?: $said"; return 1; }
    [[ $(wc -l <<<"$said") == 2 && $said == "mpquic "*$'\n'"Java "* ]] || { echo "$said"; return 1; }
}

# A cache that fits is used, one that does not is not; the launcher says neither.
uses_cache() {
    env MPQUIC_AOT_CACHE="$1" MPQUIC_JAVA_OPTS='-Xlog:aot' "$lib/bin/mpquic" --version |
        grep 'Using AOT-linked classes: true'
}
passes_over() { says_version MPQUIC_AOT_CACHE="$1" && ! uses_cache "$1"; }

refuses() {
    local word=$1 said
    shift
    if said=$(env "$@" "$lib/bin/mpquic" --version 2>&1); then echo "it ran: $said"; return 1; fi
    echo "$said"
    [[ $said == "ERROR: "*"$word"* ]]
}

make_copies() {
    mkdir -p "$bare" "$other"
    cp -a "$LIB/bin" "$LIB/mpquic-cli.jar" "$bare"
    cp -a "$LIB/bin" "$LIB/mpquic-cli.jar" "$other"
    ln -s "$LIB/runtime" "$other/runtime"
    touch "$other/mpquic-cli.jar"
    mkdir -p "$WORK/old/bin" "$WORK/usr/bin"
    echo 'JAVA_VERSION="21.0.2"' >"$WORK/old/release"
    printf '#!/bin/sh\nexit 1\n' >"$WORK/old/bin/java"
    chmod +x "$WORK/old/bin/java"
    ln -s "$LIB/bin/mpquic" "$WORK/usr/bin/mpquic"
}

damage_caches() {
    local size kind
    size=$(stat -c %s "$cache")
    head -c $((size / 2)) "$cache" >"$WORK/cache/truncated"
    head -c 100 "$cache" >"$WORK/cache/short"
    head -c 1000000 /dev/urandom >"$WORK/cache/garbage"
    : >"$WORK/cache/empty"
    # The head is right, so only its checksum tells.
    cp "$cache" "$WORK/cache/damaged"
    dd if=/dev/urandom of="$WORK/cache/damaged" bs=1000000 seek=5 count=10 conv=notrunc status=none
    # The launcher takes all of them for caches of this jar: the JVM has to find out.
    for kind in truncated short garbage empty damaged; do
        cp "$cache.made-for" "$WORK/cache/$kind.made-for"
    done
}

make_cache() { MPQUIC_AOT_CACHE=$cache "$LIB/scripts/make_aot_cache.sh" "$@"; }
makes_no_second_cache() { make_cache | grep 'up to date'; }

test_launcher() {
    local lib=$LIB kind
    make_copies
    check "the program runs on its own runtime" says_version
    check "through a link, as /usr/bin/mpquic is one" "$WORK/usr/bin/mpquic" --version
    check "with another collector" says_version MPQUIC_JAVA_OPTS=-XX:+UseParallelGC
    check "the demo passes" "$LIB/bin/mpquic" demo --seconds 0.1
    if "$LIB/bin/mpquic" --version | grep -qE '^Java (2[5-9]|[3-9][0-9])'; then
        check "make_aot_cache.sh makes a cache" make_cache
        check "and no second one when that is up to date" makes_no_second_cache
        check "and with --force" make_cache --force
        check "the cache is used" uses_cache "$cache"
        check "in silence" says_version MPQUIC_AOT_CACHE="$cache"
        check "also with another collector" says_version MPQUIC_AOT_CACHE="$cache" MPQUIC_JAVA_OPTS=-XX:+UseG1GC
        check "not with -Xshare:off" says_version MPQUIC_AOT_CACHE="$cache" MPQUIC_JAVA_OPTS=-Xshare:off
        damage_caches
        for kind in truncated short garbage empty damaged; do
            check "a cache that is $kind is passed over" passes_over "$WORK/cache/$kind"
        done
        check "one that is a folder is passed over" passes_over "$WORK/cache"
        cp "$cache" "$WORK/cache/unknown"
        check "one that says not what it was made for is passed over" passes_over "$WORK/cache/unknown"
        lib=$other
        check "that of another jar is passed over" passes_over "$cache"
    else
        warn "this runtime knows no AOT cache: those checks are skipped"
    fi
    lib=$bare
    check "without a runtime: JAVA_HOME's" says_version JAVA_HOME="$JAVA_HOME"
    check "without a runtime: that on the PATH" says_version -u JAVA_HOME PATH="$JAVA_HOME/bin:/usr/bin:/bin"
    check "an old Java is refused" refuses "is Java 21; mpquic needs 22" JAVA_HOME="$WORK/old"
    check "a JAVA_HOME without a Java is refused" refuses "there is no bin/java" JAVA_HOME="$WORK"
}

use_jdk
check "package.sh makes the packages" make_packages "$WORK/first"
((failed == 0)) || exit 1
check "and again" make_packages "$WORK/second"
check "both runs give the same bytes" same_bytes
check "the bundle has its installers outside of the tree" \
    tar --list --gzip --file "$(echo "$WORK"/first/*.tar.gz)" --wildcards '*/scripts/install_client.sh' '*/scripts/install_server.sh'
check "the manual pages are well-formed" pages_are_well_formed
if ensure_packages lintian:lintian; then
    check "lintian finds nothing" lintian --fail-on error,warning --allow-root "$(echo "$WORK"/first/*.deb)"
else
    require_all && die "lintian is needed"
    warn "lintian has not looked at the .deb"
fi
test_launcher
exit "$failed"
