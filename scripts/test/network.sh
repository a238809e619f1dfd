# shellcheck shell=bash
# The network of the deployment test, and what is measured in it. Source it after
# machines.sh; it does nothing by itself.
#
#   lan1 172.16.1.2 --- lan1 172.16.1.1 [gateway] enp7s3 198.18.1.2 --- 198.18.1.1 wan1 [net]
#    ...                                                ...
#   lan6 172.16.6.2 --- lan6 172.16.6.1 [gateway] enp7s8 198.18.6.2 --- 198.18.6.1 wan6 [net]
#
#                    [net] vps0 203.0.113.1 --- 203.0.113.10 eth0 [vps]
#                    [net] lo   192.0.2.2: a host on the Internet
#
# net is the Internet with the routers of all providers: it routes, and does nothing
# else. So a packet of a LAN that leaks past its tunnel does arrive at the host, as it
# would in the world, and a test can see it. The gateway and the VPS are machines, which
# configure their own interfaces; here are only the cables.

readonly TEST_INSTANCES=(1 2 3 4 5 6)
readonly VPS_ADDRESS=203.0.113.10 INTERNET_HOST=192.0.2.2
NETWORK_PREFIX=mpqt$$
declare -A capture_pid=() ping_pid=() ping_ended=()
MEASURED=''

ns() { echo "$NETWORK_PREFIX-$1"; }
in_ns() { ip netns exec "$(ns "$1")" "${@:2}"; }
wan_of() { echo "enp7s$((2 + $1))"; }

# ---- Cables ----------------------------------------------------------------------

# new_namespace NAME: an empty one, also when it is there already.
new_namespace() {
    ip netns del "$(ns "$1")" 2>/dev/null || true
    ip netns add "$(ns "$1")"
}

begin_network() {
    local i
    MEASURED=$(mktemp -d)
    new_namespace net
    ip -n "$(ns net)" link set lo up
    ip -n "$(ns net)" addr add "$INTERNET_HOST/32" dev lo
    in_ns net sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    for i in "${TEST_INSTANCES[@]}"; do
        new_namespace "lan$i"
        ip -n "$(ns "lan$i")" link set lo up
    done
    wire_vps
    wire_gateway
}

# unplug NAMESPACE DEVICE: takes a cable away, if it is there. A deleted namespace takes its
# end of a cable along, and so the other, but in its own time.
unplug() { ip -n "$(ns "$1")" link del "$2" 2>/dev/null || true; }

# A new namespace for the VPS, with its cable.
wire_vps() {
    unplug net vps0
    new_namespace vps
    ip link add eth0 netns "$(ns vps)" type veth peer name vps0 netns "$(ns net)"
    ip -n "$(ns net)" addr add 203.0.113.1/24 dev vps0
    ip -n "$(ns net)" link set vps0 up
}

# A new namespace for the gateway, with six WAN and six LAN cables.
wire_gateway() {
    local i lan
    for i in "${TEST_INSTANCES[@]}"; do
        unplug net "wan$i"
        unplug "lan$i" eth0
    done
    new_namespace gateway
    for i in "${TEST_INSTANCES[@]}"; do
        lan=$(ns "lan$i")
        ip link add "$(wan_of "$i")" netns "$(ns gateway)" type veth peer name "wan$i" netns "$(ns net)"
        ip -n "$(ns net)" addr add "198.18.$i.1/24" dev "wan$i"
        ip -n "$(ns net)" link set "wan$i" up
        ip link add "lan$i" netns "$(ns gateway)" type veth peer name eth0 netns "$lan"
        ip -n "$lan" addr add "172.16.$i.2/30" dev eth0
        ip -n "$lan" link set eth0 up
        ip -n "$lan" route add default via "172.16.$i.1"
    done
}

end_network() {
    local pid name
    for pid in "${capture_pid[@]}" "${ping_pid[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    capture_pid=() ping_pid=()
    for name in gateway vps net "${TEST_INSTANCES[@]/#/lan}"; do
        ip netns del "$(ns "$name")" 2>/dev/null || true
    done
    [[ -z $MEASURED ]] || rm -rf "$MEASURED"
}

# ---- What the operator of the machines has configured ---------------------------------

# write_wan I [ADDRESS/LENGTH ROUTER]: WAN I in the gateway, with the policy routing that
# it has without mpquic: the WAN's own table for what is sent from its address or by it.
write_wan() {
    local i=$1 address=${2:-198.18.$1.2/24} router=${3:-198.18.$1.1} wan
    wan=$(wan_of "$i")
    cat >"$(machine_root "$gateway")/etc/systemd/network/10-$wan.network" <<END
[Match]
Name=$wan
[Network]
Address=$address
LinkLocalAddressing=no
IPv6AcceptRA=no
[Route]
Gateway=$router
Metric=$((100 + i))
[Route]
Gateway=$router
Table=$((200 + i))
[RoutingPolicyRule]
From=${address%/*}
Table=$((200 + i))
Priority=$((1000 + i))
[RoutingPolicyRule]
OutgoingInterface=$wan
Table=$((200 + i))
Priority=$((1100 + i))
END
}

# configure_gateway NAME: a router with six WANs and six LANs, as it is before mpquic comes.
configure_gateway() {
    local i root
    gateway=$1 root=$(machine_root "$1")
    mkdir -p "$root/etc/iproute2/rt_tables.d"
    for i in "${TEST_INSTANCES[@]}"; do
        write_wan "$i"
        printf '[Match]\nName=lan%s\n[Network]\nAddress=172.16.%s.1/30\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' \
            "$i" "$i" >"$root/etc/systemd/network/20-lan$i.network"
        echo "$((99 + i)) wan$i" >>"$root/etc/iproute2/rt_tables.d/wans.conf"
    done
    printf 'net.ipv4.ip_forward = 1\n' >"$root/etc/sysctl.d/90-router.conf"
    cat >"$root/etc/nftables.conf" <<'END'
#!/usr/sbin/nft -f
table ip operator {
    chain postrouting {
        type nat hook postrouting priority srcnat
        oifname { "enp7s3", "enp7s4", "enp7s5", "enp7s6", "enp7s7", "enp7s8" } masquerade
    }
}
END
    systemctl --root="$root" --quiet enable systemd-networkd.service nftables.service
}

# configure_vps NAME: a rented server with one interface.
configure_vps() {
    local root
    root=$(machine_root "$1")
    printf '[Match]\nName=eth0\n[Network]\nAddress=%s/24\nGateway=203.0.113.1\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' \
        "$VPS_ADDRESS" >"$root/etc/systemd/network/10-eth0.network"
    systemctl --root="$root" --quiet enable systemd-networkd.service
}

# ---- Pulling a cable --------------------------------------------------------------------

# pull_wan I: the modem is off; the gateway's interface loses its carrier.
pull_wan() { ip -n "$(ns net)" link set "wan$1" down; }

# plug_wan I [ADDRESS/LENGTH ROUTER]: the modem is back, and may give another address, as
# DHCP of a provider does.
plug_wan() {
    local i=$1 address=${2:-198.18.$1.2/24} router=${3:-198.18.$1.1}
    ip -n "$(ns net)" addr flush dev "wan$i"
    ip -n "$(ns net)" addr add "$router/${address#*/}" dev "wan$i"
    write_wan "$i" "$address" "$router"
    in_machine "$gateway" networkctl reload && ip -n "$(ns net)" link set "wan$i" up
}

has_carrier() { [[ $(in_ns gateway cat "/sys/class/net/$1/carrier" 2>/dev/null) == 1 ]]; }
lacks_carrier() { ! has_carrier "$1"; }

# ---- Captures -----------------------------------------------------------------------------

# start_capture LABEL NAMESPACE DEVICE [FILTER...]: returns when it captures.
start_capture() {
    local label=$1 log=$MEASURED/$1.tcpdump deadline=$((SECONDS + 10))
    : >"$log"
    ip netns exec "$(ns "$2")" tcpdump -n -p -U --immediate-mode -s 128 -i "$3" -w "$MEASURED/$label.pcap" "${@:4}" \
        >"$log" 2>&1 </dev/null &
    capture_pid[$label]=$!
    until grep -q 'listening on' "$log"; do
        if ! kill -0 "${capture_pid[$label]}" 2>/dev/null || ((SECONDS >= deadline)); then
            cat "$log" >&2
            return 1
        fi
        sleep 0.05
    done
}

# stop_capture LABEL...: what was captured until now stays for count_captured.
stop_capture() {
    local label
    for label in "$@"; do
        kill -TERM "${capture_pid[$label]}" 2>/dev/null || true
        wait "${capture_pid[$label]}" 2>/dev/null || true
        unset "capture_pid[$label]"
    done
}

# count_captured LABEL [FILTER...]: how many packets of the capture the filter lets pass.
count_captured() { tcpdump -n -r "$MEASURED/$1.pcap" "${@:2}" 2>/dev/null | wc -l; }

# ---- Pings, and what they lost ------------------------------------------------------------

# answers NAMESPACE ADDRESS [ARGUMENT...]: one ping has an answer within a second.
answers() { in_ns "$1" ping -q -n -c 1 -W 1 "${@:3}" "$2" >/dev/null 2>&1; }

# start_ping LABEL NAMESPACE ADDRESS INTERVAL [ARGUMENT...]
start_ping() {
    ip netns exec "$(ns "$2")" ping -n -D -i "$4" "${@:5}" "$3" >"$MEASURED/$1.ping" 2>&1 </dev/null &
    ping_pid[$1]=$!
}

# stop_ping LABEL...: ends the pings. They then say how many they have sent.
stop_ping() {
    local label
    for label in "$@"; do
        ping_ended[$label]=$EPOCHREALTIME
        kill -INT "${ping_pid[$label]}" 2>/dev/null || true
    done
    for label in "$@"; do
        wait "${ping_pid[$label]}" 2>/dev/null || true
        unset "ping_pid[$label]"
    done
}

# ping_result LABEL: "SENT LOST GAP_MS": the packets that it has sent and that had time
# for an answer, those of them without one, and the longest time between two answers.
# A ping that was stopped has packets on the way: the last half second is not counted.
ping_result() {
    awk -v ended="${ping_ended[$1]}" '
        /bytes from/ && match($0, /icmp_seq=[0-9]+/) {
            sequence = substr($0, RSTART + 9, RLENGTH - 9) + 0
            at = substr($1, 2) + 0
            answered[sequence] = 1
            if (last && at - last > gap) gap = at - last
            if (!first) { first = at; first_sequence = sequence }
            last = at; last_sequence = sequence
        }
        /packets transmitted/ { sent = $1 }
        END {
            if (!last) { print sent + 0, sent + 0, 999999; exit }
            interval = last_sequence > first_sequence ? (last - first) / (last_sequence - first_sequence) : 1
            counted = sent - int(0.5 / interval) - 1
            if (counted < last_sequence) counted = last_sequence
            for (sequence = 1; sequence <= counted; sequence++) if (!(sequence in answered)) lost++
            if (ended - last > gap) gap = ended - last
            printf "%d %d %d\n", counted, lost, gap * 1000
        }' "$MEASURED/$1.ping"
}

# lost_nothing LABEL...: no ping of these has lost a packet. Says what each has lost.
lost_nothing() {
    local label sent lost gap status=0
    for label in "$@"; do
        read -r sent lost gap < <(ping_result "$label")
        echo "$label: $lost of $sent packets lost, at most $gap ms without an answer"
        ((lost == 0 && sent > 0)) || status=1
    done
    return "$status"
}

# was_down_at_most MS LABEL...: none of these pings was without an answer for longer.
was_down_at_most() {
    local limit=$1 label sent lost gap status=0
    shift
    for label in "$@"; do
        read -r sent lost gap < <(ping_result "$label")
        echo "$label: $lost of $sent packets lost, at most $gap ms without an answer"
        ((gap <= limit)) || status=1
    done
    return "$status"
}
