#!/usr/bin/env bash
# scripts/bench-core.sh: measures the QUIC core with JMH: one datagram sent, one received.
#
# Usage: scripts/bench-core.sh [JMH'S OWN OPTIONS...]
#
# Prints nanoseconds and allocated bytes (gc.alloc.rate.norm) for each datagram, without
# sockets, with the JDK's ciphers and with none. Wants a machine that does nothing else.
# For example "-p crypto=none -f 3" measures longer, and -h lists all options.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
    --help) print_manual "$0"; exit 0 ;;
esac

WORK=$MPQUIC_HOME/mpquic-quic/target/bench
use_jdk
use_maven
mkdir -p "$WORK"
# Classes that were compiled without JMH's processor would not be compiled again.
rm -rf "$MPQUIC_HOME/mpquic-quic/target/test-classes"
run_with_progress "Compiling" "$WORK/build.log" mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -Pjmh -pl mpquic-quic -am \
    test-compile dependency:build-classpath -Dmdep.outputFile="$WORK/classpath" || die "the build failed"
cd "$WORK"
exec java -cp "$MPQUIC_HOME/mpquic-quic/target/test-classes:$MPQUIC_HOME/mpquic-quic/target/classes:$(cat classpath)" \
    org.openjdk.jmh.Main "Datagram.*Bench" -prof gc -rf text -rff result.txt "$@"
