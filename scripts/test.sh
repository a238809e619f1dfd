#!/usr/bin/env bash
# scripts/test.sh: builds everything and runs every test.
#
# Usage: scripts/test.sh [--quick] [--help]
#
#   --quick   unit and property tests only: no network namespaces, no foreign peers
#
# Finds (as root: installs) a JDK, Maven and the packages that the tests use, lets
# scripts/peers.sh build the foreign QUIC peers, checks the shell scripts, then
# runs `mvn verify`: formatting, static analysis, unit, property, integration and
# interoperability tests. As root it then tests the scripts of an installation in
# network namespaces, and the benchmark. Ends with what was skipped and why, and Maven's totals.
#
# Not here, because they take longer: scripts/test-package.sh builds and examines
# the packages, scripts/test-deploy.sh installs them on whole Debian machines.
# scripts/interop.sh --last shows the table that the interoperability tests make.
#
# Environment:
#   MPQUIC_REQUIRE_ALL=1   a test that cannot run here is a failure, as in CI
#   MAVEN_ARGS_EXTRA       further words for Maven, for example "-pl mpquic-quic -am"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

quick=false
case ${1:-} in
    '') ;;
    --quick) quick=true ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    *) die "unknown argument: $1 (try --help)" ;;
esac

# Ends the run if everything is required, else only says what that costs.
unless_required() {
    require_all && die "$1"
    warn "$1"
}

use_jdk
use_maven
say "JDK: $(java -version 2>&1 | head -n 1)"
say "Maven: $(mvn -v 2>/dev/null | head -n 1 | sed 's/\x1b\[[0-9;]*m//g')"

if ! $quick; then
    # What the integration tests run, in the namespaces that they make.
    ensure_packages ip:iproute2 ping:iputils-ping iperf3:iperf3 nft:nftables tcpdump:tcpdump \
        openssl:openssl sysctl:procps tshark:tshark ||
        unless_required "tests that use them will be skipped"
    if is_root; then
        "$MPQUIC_HOME/scripts/peers.sh" || unless_required "no foreign peers: the tests with aioquic, ngtcp2, OpenSSL and quic-go will be skipped"
    else
        unless_required "not root: tests in network namespaces will be skipped"
    fi
fi

if ensure_packages shellcheck:shellcheck; then
    step "Checking the shell scripts"
    mapfile -t shell_scripts < <(cd "$MPQUIC_HOME" &&
        { find . -name '*.sh' -not -path '*/target/*' && grep -rlE --exclude-dir={target,.git} '^#!.*\b(ba)?sh\b' .; } | sort -u)
    (cd "$MPQUIC_HOME" && shellcheck "${shell_scripts[@]}") || die "shellcheck found the above"
    say "${#shell_scripts[@]} scripts are clean"
else
    unless_required "the shell scripts are not checked"
fi

if $quick; then goals=(test); else goals=(verify); fi
log=$MPQUIC_HOME/target/test.log
mkdir -p "$MPQUIC_HOME/target"
# Reports of an earlier run would be counted as this one's.
rm -rf "$MPQUIC_HOME"/*/target/surefire-reports "$MPQUIC_HOME"/*/target/failsafe-reports
step "mvn ${goals[*]} (all of its output: $log)"
status=0
read -ra extra <<<"${MAVEN_ARGS_EXTRA:-}"
mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" ${extra[@]+"${extra[@]}"} "${goals[@]}" 2>&1 | tee "$log" || status=$?

if ! $quick && is_root; then
    step "Testing the scripts that keep a gateway and a VPS in order"
    "$MPQUIC_HOME/scripts/test-deploy-scripts.sh" || status=1
fi
# Both parts of it: what needs no rights, and as root the benchmark itself.
if ! $quick; then "$MPQUIC_HOME/scripts/test-bench.sh" || status=1; fi

# One line for each skipped test: its class, its name and the reason it gave.
skipped_tests() {
    find "$MPQUIC_HOME" -path '*/target/*-reports/TEST-*.xml' -exec cat {} + | awk '
        function attribute(name,    at) {
            return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
        }
        /<testcase / { test = attribute("classname") "." attribute("name") }
        /<skipped/ {
            reason = attribute("message")
            gsub(/org\.opentest4j\.TestAbortedException: /, "", reason)
            print test ": " (reason == "" ? "no reason given" : reason)
        }'
}

echo
skipped=$(skipped_tests)
if [[ -n $skipped ]]; then
    step "Skipped"
    # shellcheck disable=SC2001 # parameter expansion cannot indent each line
    sed 's/^/    /' <<<"$skipped"
    if require_all; then
        warn "tests were skipped, and everything is required"
        ((status != 0)) || status=1
    fi
else
    step "No test was skipped"
fi
! $quick || say "--quick: the integration and interoperability tests did not run"

# Maven's own totals, a line for each module and kind of test, where they are seen.
step "Totals"
sed -n '/^\[[A-Z]*\] *\(Building [^ ]* [0-9]\|Tests run: [0-9]*, Failures: [0-9]*, Errors: [0-9]*, Skipped: [0-9]*$\)/p' "$log" |
    awk '/Building/ { module = $3; next } { print $0 "  (" module ")" }'
awk '/^\[[A-Z]*\] *Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$/ {
        gsub(",", ""); sub(/^.*Tests run/, "Tests run")
        run += $3; failures += $5; errors += $7; skipped += $9
    }
    END { printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d\n", run, failures, errors, skipped
          exit run == 0 }' "$log" || { warn "no test ran"; ((status != 0)) || status=1; }
exit "$status"
