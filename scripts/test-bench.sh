#!/usr/bin/env bash
# scripts/test-bench.sh: tests scripts/bench.sh.
#
# Usage: scripts/test-bench.sh [--help]
#
# Its arithmetic on numbers and outputs that are known, what it says of a wrong command line,
# and, as root, one quick run in which everything is measured. Not how fast anything is.
#
# One line for each check, "ok" or "FAIL", and a last line "N passed, N failed". Exits with 0
# if all are ok.
# shellcheck disable=SC2317,SC2119,SC2120 # functions are called by way of check
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
# shellcheck source=test/checks.sh
. "$(dirname "$0")/test/checks.sh"

case ${1:-} in
    '') ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    *) die "unknown argument: $1 (try --help)" ;;
esac

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# shellcheck disable=SC2034 # checks.sh reads it
CHECK_LOGS=$WORK
RESULTS=$WORK/figures

# is EXPECTED COMMAND...: true if this is all that the command prints.
is() {
    local expected=$1 said
    shift
    said=$("$@")
    [[ $said == "$expected" ]] && return
    printf 'not "%s" but "%s": %s\n' "$expected" "$said" "$*"
    return 1
}

# given INPUT COMMAND...: the command with these words as lines of its standard input.
given() {
    local input=$1
    shift
    # shellcheck disable=SC2086 # words
    if [[ -n $input ]]; then printf '%s\n' $input; fi | "$@"
}

# ---- Arithmetic ---------------------------------------------------------------------------

medians() {
    is 3 given '10 1 3' median && is 2.5 given '4 1 3 2' median && is 7 given 7 median && is '' given '' median &&
        is 12345678901 given '12345678901' median && is 0.25 given '1e-1 0.4' median && is -2 given '-1 -2 -3' median
}

percentiles() {
    is 50 given "$(seq 100)" percentile 50 && is 99 given "$(seq 100)" percentile 99 &&
        is 3 given '1 2 3' percentile 99 && is 1 given '3 1' percentile 50 && is '' given '' percentile 50
}

ratios() {
    is 2.50 ratio 5 2 && is 0.33 ratio 1 3 && is - ratio 5 0 && is - ratio '' 3 && is - ratio 3 '' &&
        is - ratio 3 -1 && is -0.50 ratio -1 2 && is 2.00 ratio 2e9 1000000000
}

calculations() { is 2500 calculate '20000000 / 8000' && is '' calculate '1 / 0' && is '' calculate '0 / 0' && is 9876543210 calculate '9876543210 - 0'; }

# What iperf3 prints, as far as it matters: parts of the same name come before the end, too.
iperf_output() {
    printf '{\n\t"intervals":\t[{\n\t\t\t"sum":\t{\n\t\t\t\t"seconds":\t1,\n\t\t\t\t"packets":\t7\n\t\t\t}\n\t\t}],\n'
    printf '\t"end":\t{\n\t\t"streams":\t[{\n\t\t\t\t"udp":\t{\n\t\t\t\t\t"packets":\t8\n\t\t\t\t}\n\t\t\t}],\n'
    printf '\t\t"sum":\t{\n\t\t\t"seconds":\t2.5,\n\t\t\t"lost_packets":\t100,\n\t\t\t"packets":\t1100\n\t\t},\n'
    printf '\t\t"sum_sent":\t{\n\t\t\t"bytes":\t1\n\t\t},\n'
    printf '\t\t"sum_received":\t{\n\t\t\t"bytes":\t4300000000,\n\t\t\t"bits_per_second":\t2293333333.3\n\t\t}\n\t}\n}\n'
}

reads_iperf() {
    iperf_output >"$WORK/iperf.json"
    is 4300000000 iperf_value "$WORK/iperf.json" sum_received bytes &&
        is 1100 iperf_value "$WORK/iperf.json" sum packets && is 100 iperf_value "$WORK/iperf.json" sum lost_packets &&
        is 2.5 iperf_value "$WORK/iperf.json" sum seconds && is '' iperf_value "$WORK/iperf.json" sum nonsense
}

reads_ping() {
    printf '%s\n' 'PING 192.0.2.2' '64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=0.041 ms' '' \
        '64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=12.5 ms' 'rtt min/avg/max/mdev = 0.1/0.2/0.3/0.4 ms' >"$WORK/ping"
    is $'41\n12500' ping_times_us <"$WORK/ping"
}

# A shell that has worked for half a second of processor time, and whose name has blanks and brackets.
counts_processor_time() {
    local pid ticks
    printf '#!/bin/sh\nwhile :; do :; done\n' >"$WORK/a) b (c"
    chmod +x "$WORK/a) b (c"
    "$WORK/a) b (c" &
    pid=$!
    within 30 has_used "$pid" $(($(getconf CLK_TCK) / 2)) || { kill -KILL "$pid"; return 1; }
    ticks=$(cpu_ticks "$pid" "$pid")
    echo "$ticks ticks, $(memory_mb "$pid") MB"
    kill -KILL "$pid"
    ((ticks >= $(getconf CLK_TCK) && ticks < 100 * $(getconf CLK_TCK)))
}
has_used() { (($(cpu_ticks "$1") >= $2)); }

# ---- The table -------------------------------------------------------------------------------

make_figures() {
    : >"$RESULTS"
    local value
    for value in 4100 4300 3900; do record mpquic up_mbit "$value"; done
    for value in 2000 2100; do record wireguard-go up_mbit "$value"; done
    record mpquic up_cpu 2.5
    record wireguard-go up_cpu 5
    record mpquic pps ''
}

tables() {
    make_figures
    names '^\| mpquic \| 4100 \| - \| 2.50 \| - \|' eval 'table_rows mpquic wireguard-go mpquic=mpquic wireguard-go=wireguard-go | as_markdown' &&
        names '^\| mpquic / wireguard-go \| 2.00 \| - \| 0.50 \| - \|' eval 'table_rows mpquic wireguard-go mpquic=mpquic | as_markdown' &&
        names '^mpquic, crypto: jdk +4100 +- +2.50 ' eval 'table_rows mpquic wireguard-go "mpquic=mpquic, crypto: jdk" | as_text' &&
        is 3 eval 'table_rows mpquic absent mpquic=mpquic link="bare link" | wc -l'
}

updates_a_document() {
    printf '%s\n' before '<!-- bench -->' old older '<!-- /bench -->' after >"$WORK/doc.md"
    printf '%s\n' new /new | put_between "$WORK/doc.md" bench || return
    is "$(printf '%s\n' before '<!-- bench -->' new /new '<!-- /bench -->' after)" cat "$WORK/doc.md" || return
    echo plain >"$WORK/plain.md"
    ! put_between "$WORK/plain.md" bench <<<new && is plain cat "$WORK/plain.md"
}

# ---- The program --------------------------------------------------------------------------------

bench() { "$MPQUIC_HOME/scripts/bench.sh" "$@"; }

# refuses PATTERN ARGUMENT...: with exit code 1, and a word about it.
refuses() {
    local pattern=$1 said status=0
    shift
    said=$(bench "$@" 2>&1) || status=$?
    echo "$said"
    ((status == 1)) && grep -Eq -- "$pattern" <<<"$said"
}

refuses_wrong_words() {
    refuses 'unknown argument: --round ' --round 3 && refuses '--rounds needs a value' --rounds &&
        refuses "--rounds takes 1 to 99, not '0'" --rounds 0 && refuses "not 'x'" --seconds x &&
        refuses "not '0x10'" --seconds 0x10 && refuses '--mtu takes 1280 to 1400' --mtu 9000 &&
        refuses 'takes a list of bulk, pps and rtt' --work bulk,speed &&
        refuses 'there is no line <!-- bench -->' --update "$WORK/plain.md"
}

refuses_a_wrong_wireguard() { WIREGUARD_GO=$WORK/none refuses 'which cannot be run' --quick; }

quick_run() {
    local status=0
    "$MPQUIC_HOME/scripts/bench.sh" --quick --markdown >"$WORK/quick" 2>&1 &
    bench_pid=$!
    wait "$bench_pid" || status=$?
    cat "$WORK/quick"
    ((status == 0)) || return
    # Every column of the tunnel's row is a number; of the link's those that it has.
    grep -Eq '^\| mpquic( \| -?[0-9]+(\.[0-9]+)?){8} \|$' "$WORK/quick" &&
        grep -Eq '^\| bare link( \| [0-9]+){2} \| - \| - ( *\| [0-9]+){3} \| - \|$' "$WORK/quick"
}

leaves_nothing() { ! ip netns list | grep "^mpqbench-[ab]-$bench_pid\b"; }

step "Testing scripts/bench.sh"
check "medians" medians
check "percentiles" percentiles
check "ratios, and none where there is none" ratios
check "calculations of more digits than an integer of 32 bits" calculations
check "what iperf3 prints" reads_iperf
check "what ping prints" reads_ping
check "the processor time of a process" counts_processor_time
check "the table, as text and as Markdown" tables
check "a document is updated between its marks" updates_a_document
check "help is the head of the script" names '--rounds N' bench --help
check "a wrong command line is refused with the remedy" refuses_wrong_words
if is_root; then
    check "a WIREGUARD_GO that is not there is named" refuses_a_wrong_wireguard
    check "a quick run measures everything" quick_run
    check "and leaves no namespace" leaves_nothing
else
    check "without root it says what it needs root for" refuses 'only root can' --quick
    warn "not root: no quick run"
fi
report_checks
