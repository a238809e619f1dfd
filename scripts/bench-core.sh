#!/usr/bin/env bash
# scripts/bench-core.sh: measures the parts of a packet's way with JMH, without sockets.
#
# Usage: scripts/bench-core.sh [PATTERN] [JMH'S OWN OPTIONS...]
#
#   PATTERN   only the benchmarks whose name matches this regular expression (default: all)
#
#   DatagramBench            one datagram through two ends of the QUIC core, with the JDK's
#                            ciphers, with libcrypto's and with none
#   DatagramSendBench        sending it, without ciphers
#   DatagramReceiveBench     receiving it, without ciphers
#   PacketProtectionBench    one packet of 1300 bytes sealed, sealed and opened, and the mask
#                            of its header, by the JDK and by libcrypto
#   OffloadBench             a super-packet of the TUN device cut into packets, and packets
#                            joined to one, a packet's share
#
# Prints nanoseconds and allocated bytes (gc.alloc.rate.norm) for each packet, and keeps them
# in target/bench/result.txt. Takes about five minutes, on a machine that does nothing else.
# For example "Datagram -p crypto=none -f 3" measures longer, and -h lists all options.
# scripts/bench.sh measures the whole tunnel.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
    --help) print_manual "$0"; exit 0 ;;
    -* | '') set -- '.*Bench' "$@" ;;
esac

WORK=$MPQUIC_HOME/target/bench
use_jdk
use_maven
mkdir -p "$WORK"
# Classes that were compiled without JMH's processor would not be compiled again.
rm -rf "$MPQUIC_HOME"/mpquic-{quic,dataplane}/target/test-classes
# Of the classpaths, each written over the one before, the last is that of mpquic-dataplane.
run_with_progress "Compiling" "$WORK/build.log" mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -Pjmh -pl mpquic-dataplane -am \
    test-compile dependency:build-classpath -Dmdep.outputFile="$WORK/classpath" || die "the build failed"
cd "$WORK"
classes=''
for module in quic tun dataplane; do
    classes+=$MPQUIC_HOME/mpquic-$module/target/test-classes:$MPQUIC_HOME/mpquic-$module/target/classes:
done
exec java --enable-native-access=ALL-UNNAMED -cp "$classes$(cat classpath)" \
    org.openjdk.jmh.Main -prof gc -rf text -rff result.txt "$@"
