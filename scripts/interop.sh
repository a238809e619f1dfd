#!/usr/bin/env bash
# scripts/interop.sh: mpquic with other makes of QUIC, as a table.
#
# Usage: scripts/interop.sh [--last] [--write] [--help]
#
#   --last    show what the last run came to, and run nothing: scripts/test.sh runs
#             the same cells among its integration tests
#   --write   keep the table as docs/interop.md, if it has no failure
#
# Lets scripts/peers.sh build aioquic, ngtcp2, OpenSSL and quic-go, then has mpquic
# talk to these and to Kwik and quiche, as client and as server, in scenarios from
# the handshake to a lossy network. Prints a table: each cell says pass, FAIL or
# "peer cannot", with the peer's own words on that below. Takes about two minutes.
#
# The table is target/interop.md; what our side saw in a cell that failed (a qlog of
# each connection, and why) is in target/interop. Ends with 1 when a cell failed or
# is missing.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

TABLE=$MPQUIC_HOME/target/interop.md
run=true write=false
for word in "$@"; do
    case $word in
        --last) run=false ;;
        --write) write=true ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: $word (try --help)" ;;
    esac
done

if $run; then
    use_jdk
    use_maven
    "$MPQUIC_HOME/scripts/peers.sh"
    rm -f "$TABLE"
    mkdir -p "$MPQUIC_HOME/target"
    # A failed cell fails the build; the table says which.
    run_with_progress "Talking to other makes" "$MPQUIC_HOME/target/interop.log" \
        env MPQUIC_REQUIRE_ALL=1 mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -pl mpquic-quic -am verify \
        -Dtest=NoUnitTest -Dit.test=InteropMatrixIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
        -Dspotless.check.skip=true || warn "not everything went well"
fi

[[ -f $TABLE ]] || die "there is no table: no run has come to its end"
cat "$TABLE"
if grep -qE '\| (FAIL|MISSING) ' "$TABLE"; then
    die "a cell has failed or is missing; target/interop has what our side saw"
fi
if $write; then
    cp "$TABLE" "$MPQUIC_HOME/docs/interop.md"
fi
