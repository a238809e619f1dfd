#!/usr/bin/env bash
# scripts/bench.sh: how fast the tunnel is on this machine, beside the bare link and wireguard-go.
#
# Usage: scripts/bench.sh [OPTION...]
#
#   --rounds N        how often each is measured, 1 to 99 (default 3); the table has medians
#   --seconds N       length of each measurement, 1 to 600 (default 6)
#   --work LIST       what is measured, of bulk,pps,rtt (default all)
#   --variants        also the tunnel with each switch of the packet path off by itself:
#                     crypto: jdk, udp_gso, tun_offload and linux_socket: false
#   --mtu N           MTU of every tunnel, 1280 to 1400 (default 1300)
#   --markdown        the table in Markdown
#   --update FILE     puts that table into FILE, between its lines "<!-- bench -->" and
#                     "<!-- /bench -->"
#   --keep DIR        keeps logs, configurations and every figure in DIR
#   --quick           one round of one second: shows that all works; the figures mean nothing
#   -h, --help
#
# As root it makes two network namespaces with a cable (veth) between them. In each round
# the contestants take turns: the bare link; the tunnel, from the jar (built if it must be)
# with the launcher's JVM settings; its variants; and wireguard-go, when it and wg are
# installed. Both ends, and the programs that load them, share this machine: what it tells is
# the ratio of contestants, and how much processor each needs.
#
#   bulk   one TCP stream each way, and the processor time of both daemons for a gigabyte
#   pps    UDP packets of 100 bytes, as many as come through
#   rtt    ping, 200 a second: of the link itself, and what a tunnel adds to it, p50 and p99
#
# Six seconds of the same load go before each measurement, because a JVM compiles what it
# runs often. Wants a machine that does nothing else. Exits with 0 if everything could be
# measured. Its processes and namespaces are gone afterwards, whatever happens.
#
# Environment:
#   WIREGUARD_GO       path of wireguard-go, where it is not on the PATH
#   MPQUIC_JAVA_OPTS   further words for the tunnel's JVMs
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
export LC_ALL=C

readonly LINK_A=192.0.2.1 LINK_B=192.0.2.2 TUNNEL_A=10.200.1.1 TUNNEL_B=10.200.1.2 PORT=45001
readonly UP_WITHIN_S=20 PINGS_A_SECOND=200
# With the headers of IPv4 and UDP, a packet of 100 bytes.
readonly SMALL_PAYLOAD_BYTES=72

# ---- The command line -------------------------------------------------------------------

rounds=3 seconds=6 warm_up_s=6 works=bulk,pps,rtt variants=false mtu=1300 markdown=false update='' keep=''
while (($# > 0)); do
    case $1 in
        --rounds | --seconds | --work | --mtu | --update | --keep)
            (($# > 1)) || die "$1 needs a value (try --help)"
            case $1 in
                --rounds) rounds=$2 ;;
                --seconds) seconds=$2 ;;
                --work) works=$2 ;;
                --mtu) mtu=$2 ;;
                --update) update=$2 ;;
                --keep) keep=$2 ;;
            esac
            shift
            ;;
        --variants) variants=true ;;
        --markdown) markdown=true ;;
        --quick) rounds=1 seconds=1 warm_up_s=1 ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: $1 (try --help)" ;;
    esac
    shift
done

# require_number OPTION VALUE LEAST MOST
require_number() {
    if ! [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || (($2 < $3 || $2 > $4)); then die "$1 takes $3 to $4, not '$2'"; fi
}
require_number --rounds "$rounds" 1 99
require_number --seconds "$seconds" 1 600
require_number --mtu "$mtu" 1280 1400
[[ $works =~ ^(bulk|pps|rtt)(,(bulk|pps|rtt))*$ ]] || die "--work takes a list of bulk, pps and rtt, such as bulk,rtt, not '$works'"
if [[ -n $update ]] && ! grep -qsxF -e '<!-- bench -->' "$update"; then die "--update: there is no line <!-- bench --> in '$update'"; fi
wants() { [[ ,$works, == *,$1,* ]]; }

# ---- What it takes ------------------------------------------------------------------------

is_root || die "this makes network namespaces and TUN devices, which only root can. Run it with sudo"
[[ -c /dev/net/tun ]] || die "there is no /dev/net/tun here: load the module (modprobe tun), or give this container the device"
ensure_packages ip:iproute2 ping:iputils-ping iperf3:iperf3 || die "the measurements need these"
wireguard_go=${WIREGUARD_GO:-$(command -v wireguard-go || true)}
if [[ -n ${WIREGUARD_GO:-} && ! -x $WIREGUARD_GO ]]; then die "WIREGUARD_GO is '$WIREGUARD_GO', which cannot be run"; fi
if [[ -z $wireguard_go ]]; then
    warn "wireguard-go is left out: it is not installed (Debian: apt-get install wireguard-go wireguard-tools)"
elif ! have wg; then
    warn "wireguard-go is left out: it is here, but not the program wg (Debian: apt-get install wireguard-tools)"
    wireguard_go=''
fi
use_jdk
build_jar

# The contestants in the order of their turns, what the table calls them, and what a variant
# has in its configurations.
contestants=(link mpquic)
declare -A label=([link]='bare link' [mpquic]=mpquic [wireguard-go]=wireguard-go) variant=()
if $variants; then
    variant=([crypto]='crypto: jdk' [gso]='udp_gso: false' [offload]='tun_offload: false' [socket]='linux_socket: false')
    for name in crypto gso offload socket; do
        contestants+=("$name")
        label[$name]="mpquic, ${variant[$name]}"
    done
fi
[[ -z $wireguard_go ]] || contestants+=(wireguard-go)

# ---- What must be undone --------------------------------------------------------------------

readonly A=mpqbench-a-$$ B=mpqbench-b-$$
# Names of wireguard-go's devices name its sockets too, which are the whole machine's.
readonly WG_A=wgb$$a WG_B=wgb$$b
WORK=$(mktemp -d)
RESULTS=$WORK/figures
: >"$RESULTS"
daemons=() helpers=()

in_a() { ip netns exec "$A" "$@"; }
in_b() { ip netns exec "$B" "$@"; }

end_contestant() {
    local ended=0
    end_processes "${daemons[@]}" "${helpers[@]}" || ended=1
    daemons=() helpers=()
    ip netns del "$A" 2>/dev/null || true
    ip netns del "$B" 2>/dev/null || true
    rm -f "/var/run/wireguard/$WG_A.sock" "/var/run/wireguard/$WG_B.sock"
    return "$ended"
}

clean_up() {
    local status=$?
    trap - EXIT
    end_contestant || true
    if [[ -n $keep ]]; then
        mkdir -p "$keep"
        cp "$WORK"/*.{log,yaml,json} "$RESULTS" "$keep" 2>/dev/null || true
        say "logs, configurations and figures: $keep"
    fi
    rm -rf "$WORK"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- The contestants -------------------------------------------------------------------------

make_link() {
    ip netns add "$A" && ip netns add "$B" &&
        ip link add cable netns "$A" type veth peer name cable netns "$B" &&
        ip -n "$A" link set lo up && ip -n "$B" link set lo up &&
        ip -n "$A" addr add "$LINK_A/24" dev cable && ip -n "$A" link set cable up &&
        ip -n "$B" addr add "$LINK_B/24" dev cable && ip -n "$B" link set cable up
}

# write_configuration END ROLE ADDRESS [LINE...]: END.yaml.
write_configuration() {
    printf '%s\n' "role: $2" "remote_port: $PORT" "tun_name: mpq1" "tun_cidr: $3/30" "${@:4}" >"$WORK/$1.yaml"
}

# open_tun NAMESPACE ADDRESS: the device, as a gateway's boot makes it.
open_tun() {
    ip -n "$1" tuntap add dev mpq1 mode tun && ip -n "$1" addr add "$2/30" dev mpq1 &&
        ip -n "$1" link set mpq1 mtu "$mtu" up
}

# The launcher, with the jar where it looks for it, and without the cache of an installed version.
lay_out_launcher() {
    mkdir -p "$WORK/lib/bin"
    cp "$MPQUIC_HOME/deploy/bin/mpquic" "$WORK/lib/bin/mpquic"
    ln -s "$MPQUIC_JAR" "$WORK/lib/mpquic-cli.jar"
    export MPQUIC_AOT_CACHE=$WORK/none
}

# start_daemon LOG NAMESPACE COMMAND...
start_daemon() {
    ip netns exec "$2" "${@:3}" >>"$WORK/$1.log" 2>&1 </dev/null &
    daemons+=($!)
}

# start_mpquic [LINE]: both ends, with that line in their configurations.
start_mpquic() {
    open_tun "$A" "$TUNNEL_A" && open_tun "$B" "$TUNNEL_B" || return
    write_configuration server server "$TUNNEL_B" "bind_ip: $LINK_B" "$@"
    write_configuration client client "$TUNNEL_A" "bind_ip: if:cable" "remote_addr: $LINK_B" \
        "tls_insecure_skip_verify: true" "$@"
    start_daemon mpquic-server "$B" "$WORK/lib/bin/mpquic" --config "$WORK/server.yaml"
    start_daemon mpquic-client "$A" "$WORK/lib/bin/mpquic" --config "$WORK/client.yaml"
}

# start_wireguard_end NAMESPACE DEVICE ADDRESS
start_wireguard_end() {
    local deadline=$((SECONDS + UP_WITHIN_S))
    WG_PROCESS_FOREGROUND=1 LOG_LEVEL=error start_daemon wireguard "$1" "$wireguard_go" -f "$2"
    until [[ -S /var/run/wireguard/$2.sock ]]; do
        ((SECONDS < deadline)) && kill -0 "${daemons[-1]}" 2>/dev/null || return
        sleep 0.05
    done
    ip -n "$1" addr add "$3/30" dev "$2" && ip -n "$1" link set "$2" mtu "$mtu" up
}

# tell_wireguard DEVICE KEY PEERS_KEY PEERS_ADDRESS
tell_wireguard() {
    wg set "$1" private-key "$2" listen-port "$PORT" peer "$(wg pubkey <"$3")" allowed-ips 0.0.0.0/0 endpoint "$4:$PORT"
}

start_wireguard() {
    (umask 077 && wg genkey >"$WORK/a.key" && wg genkey >"$WORK/b.key") || return
    start_wireguard_end "$A" "$WG_A" "$TUNNEL_A" && start_wireguard_end "$B" "$WG_B" "$TUNNEL_B" &&
        tell_wireguard "$WG_A" "$WORK/a.key" "$WORK/b.key" "$LINK_B" &&
        tell_wireguard "$WG_B" "$WORK/b.key" "$WORK/a.key" "$LINK_A"
}

answers() { in_a ping -q -n -c 1 -W 0.2 "$1" >/dev/null 2>&1; }

# start CONTESTANT: its network and its daemons; true when the other end answers.
start() {
    local deadline=$((SECONDS + UP_WITHIN_S)) pid
    make_link || return
    case $1 in
        link) target=$LINK_B ;;
        wireguard-go) target=$TUNNEL_B && start_wireguard || return ;;
        mpquic) target=$TUNNEL_B && start_mpquic || return ;;
        *) target=$TUNNEL_B && start_mpquic "${variant[$1]}" || return ;;
    esac
    until answers "$target"; do
        ((SECONDS < deadline)) || return
        for pid in "${daemons[@]}"; do kill -0 "$pid" 2>/dev/null || return; done
    done
}

# ---- Measuring --------------------------------------------------------------------------------

# iperf SECONDS [ARGUMENT...]: a run from a to b, its JSON in iperf.json.
iperf() {
    local server client_status=0 deadline=$((SECONDS + 5))
    : >"$WORK/iperf-server.log"
    ip netns exec "$B" iperf3 -s -1 --forceflush >"$WORK/iperf-server.log" 2>&1 </dev/null &
    server=$!
    helpers+=("$server")
    until grep -q listening "$WORK/iperf-server.log" || ((SECONDS >= deadline)); do sleep 0.05; done
    in_a timeout $(($1 + 15)) iperf3 --connect-timeout 3000 -J -c "$target" -t "$1" "${@:2}" \
        >"$WORK/iperf.json" 2>>"$WORK/iperf.log" </dev/null || client_status=$?
    end_processes "$server" || true
    helpers=()
    ((client_status == 0)) || sed -n 's/^.*"error":/iperf3:/p' "$WORK/iperf.json" >>"$WORK/iperf.log"
    return "$client_status"
}

# measure_stream CONTESTANT up|down [ARGUMENT...]
measure_stream() {
    local before after mbit bytes
    iperf "$warm_up_s" "${@:3}" || return
    before=$(cpu_ticks "${daemons[@]}") || return
    iperf "$seconds" "${@:3}" || return
    after=$(cpu_ticks "${daemons[@]}") || return
    bytes=$(iperf_value "$WORK/iperf.json" sum_received bytes)
    mbit=$(calculate "$(iperf_value "$WORK/iperf.json" sum_received bits_per_second) / 1000000")
    record "$1" "$2_mbit" "$mbit"
    said+=" $2 $(printf '%.0f' "${mbit:-0}") Mbit/s,"
    ((${#daemons[@]} == 0)) ||
        record "$1" "$2_cpu" "$(calculate "($after - $before) / $(getconf CLK_TCK) / ($bytes / 1000000000)")"
}

measure_bulk() { measure_stream "$1" up && measure_stream "$1" down -R; }

measure_pps() {
    local pps
    iperf "$warm_up_s" -u -b 0 -l "$SMALL_PAYLOAD_BYTES" && iperf "$seconds" -u -b 0 -l "$SMALL_PAYLOAD_BYTES" || return
    pps=$(calculate "($(iperf_value "$WORK/iperf.json" sum packets) - $(iperf_value "$WORK/iperf.json" sum lost_packets)) / \
        $(iperf_value "$WORK/iperf.json" sum seconds)")
    record "$1" pps "$pps"
    said+=" $(printf '%.0f' "${pps:-0}") packets/s,"
}

# pings SECONDS ADDRESS: their times in ping.us.
pings() {
    local interval
    interval=$(calculate "1 / $PINGS_A_SECOND")
    in_a ping -n -c $(($1 * PINGS_A_SECOND)) -i "$interval" -W 1 "$2" 2>&1 | ping_times_us >"$WORK/ping.us"
    [[ -s $WORK/ping.us ]]
}

measure_rtt() {
    local link_p50=0 link_p99=0
    if [[ $1 != link ]]; then
        # The same link in the same moment.
        pings "$seconds" "$LINK_B" || return
        link_p50=$(percentile 50 <"$WORK/ping.us") link_p99=$(percentile 99 <"$WORK/ping.us")
    fi
    pings "$warm_up_s" "$target" && pings "$seconds" "$target" || return
    record "$1" p50_us "$(calculate "$(percentile 50 <"$WORK/ping.us") - $link_p50")"
    record "$1" p99_us "$(calculate "$(percentile 99 <"$WORK/ping.us") - $link_p99")"
    said+=" ping p50 $(percentile 50 <"$WORK/ping.us") us,"
}

# measure CONTESTANT: one turn. False, and a reason in $failure, when something of it failed.
measure() {
    local work
    said='' failure=''
    if ! start "$1"; then
        failure="the other end does not answer"
        return 1
    fi
    for work in bulk pps rtt; do
        wants "$work" || continue
        if ! "measure_$work" "$1"; then
            failure+="${failure:+; }$work failed: $(tail -n 1 "$WORK/iperf.log" 2>/dev/null || true)"
        fi
    done
    ((${#daemons[@]} == 0)) || record "$1" memory_mb "$(memory_mb "${daemons[@]}")"
    [[ -z $failure ]]
}

# The machine and the method, in a line.
conditions() {
    local processor
    processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
    printf '%s; %s, %s processors; Linux %s; JDK %s; MTU %s; medians of %s × %s s' "$(date +%Y-%m-%d)" \
        "${processor:-$(uname -m)}" "$(nproc)" "$(uname -r)" \
        "$("$JAVA_HOME/bin/java" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')" "$mtu" "$rounds" "$seconds"
}

rows() {
    local name named=()
    for name in "${contestants[@]}"; do named+=("$name=${label[$name]}"); done
    table_rows mpquic wireguard-go "${named[@]}"
}

# ---- The benchmark ------------------------------------------------------------------------------

lay_out_launcher
turn_s=5
if wants bulk; then turn_s=$((turn_s + 2 * (warm_up_s + seconds))); fi
if wants pps; then turn_s=$((turn_s + warm_up_s + seconds)); fi
if wants rtt; then turn_s=$((turn_s + warm_up_s + 2 * seconds)); fi
step "Measuring $rounds times: ${contestants[*]}. That takes about $(((rounds * ${#contestants[@]} * turn_s + 59) / 60)) min"
failures=0 target=''
for ((round = 1; round <= rounds; round++)); do
    for name in "${contestants[@]}"; do
        if measure "$name"; then
            say "round $round, ${label[$name]}:${said%,}"
        else
            failures=$((failures + 1))
            warn "round $round, ${label[$name]}: $failure"
            # What the daemons said last may tell why.
            [[ $name == link ]] || tail -qn 5 "$WORK"/{mpquic,wireguard}*.log 2>/dev/null | sed 's/^/      /' >&2 || true
        fi
        end_contestant || warn "${label[$name]}: a process did not end within $STOP_WITHIN_S s of SIGTERM"
    done
done

echo
if $markdown; then rows | as_markdown; else rows | as_text; fi
echo
say "$(conditions)"
say "ping: of the link its own, of a tunnel what it adds; MB: resident memory of both daemons"
if [[ -n $update ]]; then
    { rows | as_markdown && printf '\n%s.\n' "$(conditions)"; } | put_between "$update" bench
    say "the table is in $update"
fi
((failures == 0)) || die "$failures measurements failed: see above"
