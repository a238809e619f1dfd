#!/usr/bin/env bash
# scripts/mutation.sh: how many changes of the code the tests notice, for each package.
#
# Usage: scripts/mutation.sh [MAVEN'S OWN OPTIONS...]
#
# Runs PIT on io.mpquic.quic.wire and io.mpquic.quic.recovery and prints the share of
# mutants that a test killed. Fails where it is below 85 %. Takes about ten minutes on
# two idle cores. "-DtargetClasses=io.mpquic.quic.wire.Ack*" is one part of it. What
# survived is in mpquic-quic/target/pit-reports/mutations.xml.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
    -h | --help) print_manual "$0"; exit 0 ;;
esac

LEAST_PERCENT=85
REPORT=$MPQUIC_HOME/mpquic-quic/target/pit-reports/mutations.csv
LOG=$MPQUIC_HOME/mpquic-quic/target/mutation.log
use_jdk
use_maven
mkdir -p "$(dirname "$LOG")"
run_with_progress "Changing the code" "$LOG" mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -Pmutation -pl mpquic-quic \
    test-compile org.pitest:pitest-maven:mutationCoverage "$@" || die "PIT ended with an error, see $LOG"
# A mutant that loops for ever is found by the time it takes, one that fills the memory by the end of that.
awk -F, -v least="$LEAST_PERCENT" '
    { package = $2; sub(/\.[^.]*$/, "", package); all[package]++ }
    $6 != "SURVIVED" && $6 != "NO_COVERAGE" { killed[package]++ }
    $6 == "TIMED_OUT" { late[package]++ }
    END {
        for (package in all) {
            percent = 100 * killed[package] / all[package]
            printf "%-28s %5.1f %%  (%d of %d killed, %d by the time they took)\n",
                package, percent, killed[package], all[package], late[package]
            low = low || percent < least
        }
        exit low
    }' "$REPORT" || die "below $LEAST_PERCENT %"
