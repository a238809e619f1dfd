#!/usr/bin/env bash
# scripts/demo.sh: six tunnels over six WAN links on one machine, in about a minute.
#
# Usage: scripts/demo.sh [--seconds N] [--keep DIR] [--help]
#
#   --seconds N   length of each transfer, 1 to 60 (default 2)
#   --keep DIR    keep the daemons' logs and configurations in DIR
#
# As root it makes two network namespaces, a gateway with six WAN links (enp7s3
# to enp7s8, each with its own subnet and policy table) and a VPS, and starts
# twelve daemons from deploy/config: a client and a server for each WAN.
#
#   gateway                                              VPS 203.0.113.10
#   mpq1 10.200.1.1 == enp7s3 198.18.1.2 --- 198.18.1.1 wan1 == mpq1 10.200.1.2
#    ...                 ...                      ...              ...
#   mpq6 10.200.6.1 == enp7s8 198.18.6.2 --- 198.18.6.1 wan6 == mpq6 10.200.6.2
#
# Each tunnel must answer a ping, carry TCP both ways, send its packets through
# its own WAN and no other, and end when it is told to. Exits with 0 if all six
# do. Whatever happens, its processes and namespaces are gone afterwards.
#
# Without root it runs the program's own demonstration, which needs no network.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

readonly INSTANCES=(1 2 3 4 5 6)
readonly VPS_ADDRESS=203.0.113.10
readonly SERVER_NAME=vps.mpquic.example
readonly UP_WITHIN_S=60
# Twelve daemons share this machine; each is small, and single-threaded GC is enough.
readonly JVM=(-XX:+UseSerialGC -Xms16m -Xmx64m -Xss512k -XX:ReservedCodeCacheSize=48m -XX:-UsePerfData)

seconds=2 keep=''
while (($# > 0)); do
    case $1 in
        --seconds) seconds=${2:-}; shift ;;
        --keep) keep=${2:-}; shift ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: $1 (try --help)" ;;
    esac
    shift
done
if ! [[ $seconds =~ ^[1-9][0-9]?$ ]] || ((seconds > 60)); then die "--seconds takes 1 to 60"; fi

use_jdk
build_jar

run_without_network() {
    step "$1: running the program's own demonstration instead"
    require_all && die "everything is required here, and six WANs need root and namespaces"
    "$JAVA_HOME/bin/java" -jar "$MPQUIC_JAR" demo
    exit
}

is_root || run_without_network "Not root"
ensure_packages ip:iproute2 ping:iputils-ping iperf3:iperf3 openssl:openssl sysctl:procps ||
    die "the demo needs these"

# ---- What must be undone ---------------------------------------------------------

readonly GATEWAY=mpqdemo-gw-$$ VPS=mpqdemo-vps-$$
WORK=$(mktemp -d)
declare -A daemon=() note=()
helpers=()

clean_up() {
    local status=$?
    trap - EXIT
    end_processes "${daemon[@]}" "${helpers[@]}" || true
    ip netns del "$GATEWAY" 2>/dev/null || true
    ip netns del "$VPS" 2>/dev/null || true
    if [[ -n $keep ]]; then
        mkdir -p "$keep"
        cp -r "$WORK"/*.log "$WORK"/*.yaml "$keep" 2>/dev/null || true
        say "logs and configurations: $keep"
    fi
    rm -rf "$WORK"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- Configurations ----------------------------------------------------------------

# config_value FILE KEY: the value of a top-level key.
config_value() {
    sed -n "s/^$2:[[:space:]]*//p" "$1" | sed "s/[[:space:]]*\(#.*\)\{0,1\}\$//; s/^[\"']//; s/[\"']\$//" | head -n 1
}

# set_config FILE KEY VALUE: replaces a top-level key, or adds it.
set_config() {
    sed -i "/^$2:/d" "$1"
    [[ -z $(tail -c 1 "$1") ]] || echo >>"$1" # its last line may lack its end
    printf '%s: "%s"\n' "$2" "$3" >>"$1"
}

# A certificate authority, and a certificate for each end with the names that peers insist on.
make_certificates() {
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
            -subj "/CN=mpquic demo CA" -keyout "$WORK/ca.key" -out "$WORK/ca.pem" &&
            make_certificate server "DNS:$SERVER_NAME, IP:$VPS_ADDRESS" serverAuth &&
            make_certificate client DNS:gateway.mpquic.example clientAuth
    } >"$WORK/openssl.log" 2>&1 || { cat "$WORK/openssl.log" >&2; die "openssl failed"; }
}

# make_certificate NAME ALTERNATIVE_NAMES USAGE: NAME.pem and NAME.key.
make_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=mpquic $1" \
        -keyout "$WORK/$1.key" -out "$WORK/$1.csr" &&
        openssl x509 -req -in "$WORK/$1.csr" -days 2 -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" \
            -CAcreateserial -out "$WORK/$1.pem" -extfile <(
                printf 'subjectAltName = %s\nbasicConstraints = CA:FALSE\nextendedKeyUsage = %s\n' "$2" "$3"
            )
}

make_configurations() {
    local i client server
    for i in "${INSTANCES[@]}"; do
        client=$WORK/client-$i.yaml server=$WORK/server-$i.yaml
        sed "s/VPS_PUBLIC_IP/$VPS_ADDRESS/g" "$MPQUIC_HOME/deploy/config/client/$i.yaml" >"$client"
        sed "s/VPS_PUBLIC_IP/$VPS_ADDRESS/g" "$MPQUIC_HOME/deploy/config/server/$i.yaml" >"$server"
        # The demo's own certificates, really verified, at both ends.
        sed -i '/^tls_insecure_skip_verify:/d' "$client"
        set_config "$client" tls_ca_file "$WORK/ca.pem"
        set_config "$client" tls_server_name "$SERVER_NAME"
        set_config "$client" tls_cert_file "$WORK/client.pem"
        set_config "$client" tls_key_file "$WORK/client.key"
        set_config "$server" tls_cert_file "$WORK/server.pem"
        set_config "$server" tls_key_file "$WORK/server.key"
        set_config "$server" tls_client_ca_file "$WORK/ca.pem"
    done
}

# ---- The network --------------------------------------------------------------------

wan_of() { config_value "$WORK/client-$1.yaml" bind_ip | sed 's/^if://'; }
tun_address() { config_value "$WORK/$1-$2.yaml" tun_cidr | cut -d / -f 1; }

# ensure_tun NAMESPACE CONFIG: a persistent TUN device, as the gateway's boot makes it.
ensure_tun() {
    local name
    name=$(config_value "$2" tun_name)
    ip -n "$1" tuntap add dev "$name" mode tun
    ip -n "$1" addr add "$(config_value "$2" tun_cidr)" dev "$name"
    ip -n "$1" link set "$name" mtu 1300 up
}

make_namespaces() { ip netns add "$GATEWAY" && ip netns add "$VPS" && [[ -c /dev/net/tun ]]; }

make_network() {
    local i wan table namespace
    for namespace in "$GATEWAY" "$VPS"; do
        ip -n "$namespace" link set lo up
        # Answers come back on the WAN that the question left by.
        ip netns exec "$namespace" sysctl -q -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.default.rp_filter=2
    done
    ip -n "$VPS" addr add "$VPS_ADDRESS/32" dev lo
    for i in "${INSTANCES[@]}"; do
        wan=$(wan_of "$i") table=$((99 + i))
        ip link add "$wan" netns "$GATEWAY" type veth peer name "wan$i" netns "$VPS"
        ip -n "$GATEWAY" addr add "198.18.$i.2/24" dev "$wan"
        ip -n "$VPS" addr add "198.18.$i.1/24" dev "wan$i"
        ip -n "$GATEWAY" link set "$wan" up
        ip -n "$VPS" link set "wan$i" up
        # The VPS has one address for all its clients.
        ip -n "$VPS" route replace "198.18.$i.0/24" dev "wan$i" src "$VPS_ADDRESS"
        # Tables wan1 to wan6 of the gateway.
        ip -n "$GATEWAY" route add default via "198.18.$i.1" dev "$wan" table "$table"
        ip -n "$GATEWAY" rule add from "198.18.$i.2" lookup "$table" priority "$((1000 + i))"
        ip -n "$GATEWAY" rule add oif "$wan" lookup "$table" priority "$((1100 + i))"
        ensure_tun "$GATEWAY" "$WORK/client-$i.yaml"
        ensure_tun "$VPS" "$WORK/server-$i.yaml"
    done
    # Who does not choose a WAN gets the first.
    ip -n "$GATEWAY" route add default via 198.18.1.1 dev "$(wan_of 1)"
}

# Bytes that each WAN has sent so far, in the order of the instances.
wan_bytes() {
    local i files=()
    for i in "${INSTANCES[@]}"; do files+=("/sys/class/net/$(wan_of "$i")/statistics/tx_bytes"); done
    ip netns exec "$GATEWAY" cat "${files[@]}"
}

# ---- The daemons --------------------------------------------------------------------

start_daemon() {
    local namespace=$1 name=$2
    : >"$WORK/$name.log"
    ip netns exec "$namespace" "$JAVA_HOME/bin/java" "${JVM[@]}" -jar "$MPQUIC_JAR" \
        --config "$WORK/$name.yaml" >"$WORK/$name.log" 2>&1 </dev/null &
    daemon[$name]=$!
}

# await_event DAEMON EVENT SECONDS: waits for a line of its log, no longer than that.
await_event() {
    local deadline=$((SECONDS + $3))
    until grep -q "\b$2\b" "$WORK/$1.log" || ! is_running "$1" || ((SECONDS >= deadline)); do sleep 0.1; done
}

is_running() { kill -0 "${daemon[$1]}" 2>/dev/null; }

# The last value of KEY in the client's log line "up ... KEY=VALUE".
up_value() {
    sed -n "s/.*\bup\b.*\b$2=\([^ ]*\).*/\1/p" "$WORK/client-$1.log" | tail -n 1
}

wait_for_tunnels() {
    local i waiting=("${INSTANCES[@]}") still deadline=$((SECONDS + UP_WITHIN_S)) shown=$SECONDS
    while ((${#waiting[@]} > 0 && SECONDS < deadline)); do
        still=()
        for i in "${waiting[@]}"; do
            if ! is_running "client-$i" || ! is_running "server-$i"; then
                note[$i]="a daemon ended before the tunnel was up"
            elif ip netns exec "$GATEWAY" ping -q -c 1 -W 0.3 "$(tun_address server "$i")" >/dev/null 2>&1; then
                say "tunnel $i answers"
            else
                still+=("$i")
            fi
        done
        waiting=("${still[@]}")
        if ((${#waiting[@]} > 0 && SECONDS - shown >= 5)); then
            shown=$SECONDS
            say "still waiting for: ${waiting[*]}"
        fi
    done
    for i in "${waiting[@]}"; do note[$i]="no answer to ping within $UP_WITHIN_S s"; done
}

# ---- Measuring ----------------------------------------------------------------------

declare -A ping_ms=() up_mbit=() down_mbit=()

# transfer I [-R]: Mbit/s that arrived, or nothing. The first second is not counted:
# a JVM that has just started is slow for that long.
transfer() {
    # shellcheck disable=SC2094 # both only append
    ip netns exec "$GATEWAY" timeout $((seconds + 15)) iperf3 --connect-timeout 3000 -f m -i 0 \
        -c "$(tun_address server "$1")" -O 1 -t "$seconds" "${@:2}" 2>>"$WORK/iperf-$1.log" |
        tee -a "$WORK/iperf-$1.log" | awk '/receiver/ { print $(NF - 2) }'
}

is_positive() { awk -v x="${1:-0}" 'BEGIN { exit !(x + 0 > 0) }'; }

measure() {
    local i=$1 before after
    mapfile -t before < <(wan_bytes)
    ping_ms[$i]=$(ip netns exec "$GATEWAY" ping -q -c 5 -i 0.2 -W 1 "$(tun_address server "$i")" |
        sed -n 's,.*= [^/]*/\([^/]*\)/.*,\1,p') || true
    ip netns exec "$VPS" iperf3 -s --forceflush -B "$(tun_address server "$i")" >"$WORK/iperf-server-$i.log" 2>&1 &
    helpers+=($!)
    until grep -q listening "$WORK/iperf-server-$i.log" 2>/dev/null || ! kill -0 "${helpers[-1]}" 2>/dev/null; do
        sleep 0.05
    done
    up_mbit[$i]=$(transfer "$i" || true)
    down_mbit[$i]=$(transfer "$i" -R || true)
    mapfile -t after < <(wan_bytes)
    if [[ -z ${ping_ms[$i]} ]]; then
        note[$i]="ping lost"
    elif ! is_positive "${up_mbit[$i]}" || ! is_positive "${down_mbit[$i]}"; then
        note[$i]="a transfer failed: $(tail -n 1 "$WORK/iperf-$i.log")"
    else
        check_path "$i" "${before[*]}" "${after[*]}"
    fi
}

# All but keep-alives of the other tunnels must have left through the tunnel's own WAN.
check_path() {
    local i=$1 j before after own=0 all=0
    read -ra before <<<"$2"
    read -ra after <<<"$3"
    for j in "${!INSTANCES[@]}"; do
        all=$((all + after[j] - before[j]))
        if ((INSTANCES[j] == i)); then own=$((after[j] - before[j])); fi
    done
    ((own * 100 >= all * 95)) || note[$i]="only $own of $all bytes left through $(wan_of "$i")"
}

print_table() {
    local i passed=0 verdict
    echo
    printf '%s%-3s %-8s %-22s %-22s %12s %8s %10s %10s  %s%s\n' "$BOLD" '#' WAN 'local' 'remote' \
        'handshake ms' 'ping ms' 'up Mbit/s' 'down' result "$PLAIN"
    for i in "${INSTANCES[@]}"; do
        verdict="${GREEN}PASS${PLAIN}"
        if [[ -n ${note[$i]:-} ]]; then verdict="${RED}FAIL${PLAIN}"; else passed=$((passed + 1)); fi
        local from to handshake
        # A socket that is bound to a device has its address for any packet, and no address of its own.
        from=$(up_value "$i" local | sed "s/^\(\[[0:]*\]\|0\.0\.0\.0\|\*\):/198.18.$i.2:/") to=$(up_value "$i" remote) handshake=$(up_value "$i" handshake_ms)
        printf '%-3s %-8s %-22s %-22s %12s %8s %10s %10s  %s\n' "$i" "$(wan_of "$i")" \
            "${from:-198.18.$i.2}" "${to:-$VPS_ADDRESS:$(config_value "$WORK/client-$i.yaml" remote_port)}" \
            "${handshake:--}" "${ping_ms[$i]:--}" "${up_mbit[$i]:--}" "${down_mbit[$i]:--}" "$verdict"
    done
    echo
    for i in "${INSTANCES[@]}"; do
        [[ -n ${note[$i]:-} ]] || continue
        warn "tunnel $i: ${note[$i]}"
        tail -n 12 "$WORK/client-$i.log" | sed 's/^/      client: /' >&2
        tail -n 12 "$WORK/server-$i.log" | sed 's/^/      server: /' >&2
    done
    # The line that says how it went, for people and for CI.
    echo "$passed passed, $((${#INSTANCES[@]} - passed)) failed"
    ((passed == ${#INSTANCES[@]}))
}

stop_daemons() {
    local name since=$SECONDS
    if end_processes "${daemon[@]}"; then
        say "all daemons ended within $((SECONDS - since + 1)) s"
    else
        for name in "${!daemon[@]}"; do
            note[${name#*-}]="a daemon did not end within $STOP_WITHIN_S s of SIGTERM"
        done
    fi
    daemon=()
}

# ---- The demonstration ------------------------------------------------------------

step "Making two namespaces, six WAN links and a certificate"
make_certificates
make_configurations
make_namespaces || run_without_network "No network namespaces, or no /dev/net/tun, here"
make_network

step "Starting six servers and six clients"
for i in "${INSTANCES[@]}"; do start_daemon "$VPS" "server-$i"; done
for i in "${INSTANCES[@]}"; do await_event "server-$i" listening 20; done
# One after the other: twelve JVMs that start together would be what the handshake's time tells of.
for i in "${INSTANCES[@]}"; do
    start_daemon "$GATEWAY" "client-$i"
    await_event "client-$i" up 5
done

step "Waiting until each tunnel answers a ping"
wait_for_tunnels

step "Measuring: five pings and $seconds s of TCP each way through each tunnel"
for i in "${INSTANCES[@]}"; do
    [[ -z ${note[$i]:-} ]] || continue
    measure "$i"
    say "tunnel $i: ${up_mbit[$i]:--} Mbit/s up, ${down_mbit[$i]:--} down"
done

step "Stopping"
stop_daemons
print_table
