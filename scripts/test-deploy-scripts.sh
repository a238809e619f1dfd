#!/usr/bin/env bash
# scripts/test-deploy-scripts.sh: tests the scripts that keep a gateway and a VPS
# in order: ensure_tun.sh, mpquic-lan-routing-check.sh, mpquic-healthcheck.sh,
# wan-event.sh and the hooks that call it.
#
# Usage: scripts/test-deploy-scripts.sh [--help] [PATTERN]
#
#   PATTERN   runs only the tests whose line matches this regular expression
#
# Needs root. It runs in network, mount and process namespaces of its own, so that
# nothing of it is left, whatever happens. The kernel in it is real: devices,
# addresses, routes, rules, nftables, ping. What is not:
#
#   systemctl    a fake that answers from files and notes what it was told
#   the daemon   a program that carries packets between the TUN devices of two
#                namespaces without encryption, and says nothing to systemd; the
#                fake says "up" for it
#   logger       a fake that writes into a file
#
# So it shows what the scripts do about each fault, and not that the units, the
# daemon and systemd work together. Tests that carry packets need python3; without
# it they are skipped, which is said, and is a failure with MPQUIC_REQUIRE_ALL=1.
#
# One line for each test ("ok", "FAIL" or "skipped"), and a last line "N passed,
# N failed". Exits with 1 if one failed.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

pattern=''
case ${1:-} in
    -h | --help) print_manual "$0"; exit 0 ;;
    -*) die "unknown option: $1 (try --help)" ;;
    *) pattern=${1:-} ;;
esac
is_root || die "these tests make network namespaces, which only root can"
ensure_packages ip:iproute2 ping:iputils-ping nft:nftables sysctl:procps unshare:util-linux ||
    die "the tests need these"
if [[ ${MPQUIC_TEST_INSIDE:-} != 1 ]]; then
    # The first process of a namespace of processes takes all others of it along when it ends.
    MPQUIC_TEST_INSIDE=1 unshare --net --mount --pid --fork --kill-child --mount-proc \
        --propagation private "$(readlink -f "$0")" "$@" </dev/null &
    stage=$!
    trap 'kill -KILL "$stage" 2>/dev/null || true' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    status=0
    wait "$stage" || status=$?
    exit "$status"
fi

# ---- The stage ------------------------------------------------------------------------

readonly SCRIPTS=$MPQUIC_HOME/scripts PEER=peer VPS_ADDRESS=203.0.113.10
# Seen by this process and its children only, and gone with them.
mount -t tmpfs tmpfs /mnt
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
readonly WORK=/mnt/work FAKE=/mnt/fake
mkdir -p "$WORK" "$FAKE" /mnt/bin /mnt/leases
export PATH=/mnt/bin:$PATH
export MPQUIC_USER=nobody MPQUIC_CHECKS_RUN=/mnt/checks MPQUIC_LEASES=/mnt/leases MPQUIC_SETTLE_S=3

python=''
for candidate in /usr/bin/python3 "$(type -P python3 || true)"; do
    if [[ -n $candidate ]] && "$candidate" -c 'import ctypes, fcntl' 2>/dev/null; then python=$candidate; break; fi
done

cat >/mnt/bin/systemctl <<'FAKE_SYSTEMCTL'
#!/usr/bin/env bash
# Instance N is what the file N says; what happens when it starts is in N.start.
command='' units=()
for word; do
    case $word in
        mpquic@*) word=${word#mpquic@}; units+=("${word%.service}") ;;
        show | start | restart | stop | reset-failed) command=$word ;;
        is-enabled) [[ ! -e /mnt/fake/routing-not-wanted ]]; exit ;;
    esac
done
for i in "${units[@]}"; do
    if [[ $command == show ]]; then
        # The order of the lines is systemd's choice.
        cat "/mnt/fake/$i" 2>/dev/null || printf 'LoadState=loaded\nActiveState=inactive\n'
        printf 'Id=mpquic@%s.service\n\n' "$i"
        continue
    fi
    echo "$command $i" >>/mnt/fake/log
    case $command in
        start | restart)
            printf 'LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n' >"/mnt/fake/$i"
            cat "/mnt/fake/$i.says" >>"/mnt/fake/$i"
            [[ ! -x /mnt/fake/$i.start ]] || "/mnt/fake/$i.start"
            ;;
        stop)
            printf 'ActiveState=inactive\nUnitFileState=enabled\n' >"/mnt/fake/$i"
            [[ ! -x /mnt/fake/$i.stop ]] || "/mnt/fake/$i.stop"
            ;;
    esac
done
FAKE_SYSTEMCTL
cat >/mnt/bin/logger <<'FAKE_LOGGER'
#!/bin/sh
echo "$@" >>/mnt/fake/logged
FAKE_LOGGER
chmod +x /mnt/bin/*

# carrier.py NAME [NAMESPACE]: has NAME open here, and in the other namespace too if
# one is given; carries packets between the two. Without it, it only has it open.
cat >/mnt/carrier.py <<'CARRIER'
import ctypes, fcntl, os, select, struct, sys

os.closerange(3, 256)  # locks and pipes of whoever started it

def tun(name, flags=0x1001):  # IFF_TUN | IFF_NO_PI
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", name.encode(), flags))
    return fd

name = sys.argv[1]
if len(sys.argv) > 2 and sys.argv[2] == "multi":
    held = tun(name, 0x1101)
    print("open", flush=True)
    select.select([], [], [])
here = tun(name)
if len(sys.argv) > 2:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(os.open("/run/netns/" + sys.argv[2], os.O_RDONLY), 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")
    there = tun(name)
    print("open", flush=True)
    while True:
        for fd in select.select([here, there], [], [])[0]:
            packet = os.read(fd, 65536)
            try:
                os.write(there if fd == here else here, packet)
            except OSError:
                pass
print("open", flush=True)
select.select([], [], [])
CARRIER
cat >/mnt/listen.py <<'LISTEN'
import socket, sys, select
sockets = []
for port in sys.argv[1:]:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", int(port)))
    sockets.append(s)
print("open", flush=True)
while True:
    for s in select.select(sockets, [], [])[0]:
        s.recv(2048)
        print("got", s.getsockname()[1], flush=True)
LISTEN

# background NAME COMMAND...: runs it until end_background; waits until it says "open".
background() {
    local name=$1 deadline=$((SECONDS + 10))
    shift
    : >"$FAKE/$name.out"
    "$@" >"$FAKE/$name.out" 2>"$FAKE/$name.err" </dev/null &
    echo $! >"$FAKE/$name.pid"
    disown
    until grep -q open "$FAKE/$name.out" || ((SECONDS >= deadline)); do sleep 0.02; done
}
end_background() {
    local pid
    [[ -r $FAKE/$1.pid ]] || return 0
    pid=$(<"$FAKE/$1.pid")
    kill -KILL "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
    rm -f "$FAKE/$1.pid"
}

in_peer() { ip netns exec "$PEER" "$@"; }
ensure_tun() { "$SCRIPTS/ensure_tun.sh" "$@"; }
routing() { MPQUIC_ETC=$WORK/client "$SCRIPTS/mpquic-lan-routing-check.sh" "$@"; }
client() { MPQUIC_ETC=$WORK/client "$SCRIPTS/mpquic-healthcheck.sh" client "$@"; }
server() { MPQUIC_ETC=$WORK/server "$SCRIPTS/mpquic-healthcheck.sh" server "$@"; }

# service_is N KEY=VALUE...: what the fake systemctl says of it.
service_is() {
    printf '%s\n' "LoadState=loaded" "UnitFileState=enabled" "${@:2}" >"$FAKE/$1"
}
says_up() { echo "up local=198.18.$1.2:40000 remote=$VPS_ADDRESS:4500$1 since=2026-01-31T12:00:00Z"; }
service_is_up() { service_is "$1" ActiveState=active SubState=running "StatusText=$(says_up "$1")"; }

make_wan() {
    local i=$1 wan=enp7s$((2 + $1))
    ip link add "$wan" type veth peer name "wan$i" netns "$PEER"
    # No link-local addresses, which come and go by themselves.
    ip link set "$wan" addrgenmode none
    ip addr add "198.18.$i.2/24" dev "$wan"
    ip link set "$wan" up
    in_peer ip addr add "198.18.$i.1/24" dev "wan$i"
    in_peer ip link set "wan$i" up
    ip route add default via "198.18.$i.1" dev "$wan" metric "$((100 + i))"
}

write_client() {
    local i=$1 folder=$WORK/client/instances
    mkdir -p "$folder"
    cp "$MPQUIC_HOME/deploy/config/client/$i.yaml" "$folder/$i.yaml"
    printf '%s\n' "TUN_NAME=mpq$i" "TUN_CIDR=10.200.$i.1/30" TUN_MTU=1300 "WAN_DEVICE=enp7s$((2 + i))" \
        "PEER_TUN_ADDRESS=10.200.$i.2" >"$folder/$i.env"
}

write_server() {
    local i=$1 folder=$WORK/server/instances
    mkdir -p "$folder"
    cp "$MPQUIC_HOME/deploy/config/server/$i.yaml" "$folder/$i.yaml"
    printf '%s\n' "TUN_NAME=mpq$i" "TUN_CIDR=10.200.$i.2/30" TUN_MTU=1300 "PEER_TUN_ADDRESS=10.200.$i.1" \
        "LISTEN_PORT=4500$i" "TUN_ROUTES=172.16.$i.0/30" >"$folder/$i.env"
}

# A gateway with two instances that carry packets, and things of the operator's around them.
make_gateway() {
    local i
    ip link set lo up
    ip netns add "$PEER"
    in_peer ip link set lo up
    for i in 1 2; do
        write_client "$i"
        make_wan "$i"
        ensure_tun "mpq$i" "10.200.$i.1/30" >/dev/null
        in_peer "$SCRIPTS/ensure_tun.sh" "mpq$i" "10.200.$i.2/30" >/dev/null
        says_up "$i" | sed 's/^/StatusText=/' >"$FAKE/$i.says"
        service_is_up "$i"
    done
    printf '%s\n' "VPS_PUBLIC_IP=$VPS_ADDRESS" MPQUIC_ROLE=client >"$WORK/client/global.env"
    mkdir -p "$WORK/server"
    echo MPQUIC_ROLE=server >"$WORK/server/global.env"
    cp -r "$WORK/client" "$WORK/client.good"
    # The operator's own: other tables, rules, a firewall, and a stranger in a table of ours.
    ip route add 192.0.2.0/24 via 198.18.1.1 dev enp7s3 table 50
    ip route add default via 198.18.2.1 dev enp7s4 table 50
    ip route add 192.0.2.128/25 via 198.18.1.1 dev enp7s3 table 100
    ip rule add from 192.0.2.7 lookup 50 priority 500
    ip rule add from all lookup main suppress_prefixlength 0 priority 600
    ip rule add from 172.31.0.0/16 lookup 50 priority 9000
    ip rule add fwmark 7 lookup 101 priority 10001
    nft add table inet operator
    nft add chain inet operator input '{ type filter hook input priority 0; policy accept; }'
}

open_tunnel() {
    [[ -n $python ]] || return 0
    background "carrier$1" "$python" /mnt/carrier.py "mpq$1" "$PEER"
}

# ---- How a test speaks -----------------------------------------------------------------

passed=0 failed=0 skipped=0 problems=() out=''

complain() { problems+=("$*"); }

# gives STATUS COMMAND...: runs it, its output in "out".
gives() {
    local want=$1 got=0
    shift
    out=$("$@" 2>&1) || got=$?
    ((got == want)) || complain "$* exited with $got, not $want, and said:" "$out"
}
says() { [[ $out =~ $1 ]] || complain "\"$1\" is not in:" "$out"; }
says_not() { [[ ! $out =~ $1 ]] || complain "\"$1\" is in:" "$out"; }

state() {
    ip -N -o rule show
    ip -N -o -6 rule show
    { ip -N -o route show table all; ip -N -o -6 route show table all; } | grep -v 'table 255' | sed 's/ linkdown//; s/ *$//' | sort
    ip -d -o addr show | sed 's/state [A-Z]*//; s/,LOWER_UP//; s/NO-CARRIER,//; s/valid_lft.*//' | sort -k 2
    ip -d -o link show | grep -o '^[0-9]*: [^:]*:\|mtu [0-9]*\|tun type.* addrgen'
    nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'
    cat /proc/sys/net/ipv4/ip_forward
    cat "$FAKE/log" 2>/dev/null || true
}

# unchanged COMMAND...: runs it; nothing may be different afterwards.
unchanged() {
    local before after
    before=$(state)
    "$@"
    after=$(state)
    [[ $before == "$after" ]] || complain "$* changed:" "$(diff <(echo "$before") <(echo "$after"))"
}

# it SENTENCE COMMAND...: one test.
it() {
    local sentence=$1
    shift
    [[ -z $pattern || $sentence =~ $pattern ]] || return 0
    problems=()
    "$@" || complain "the test itself ended with $?"
    if ((${#problems[@]} == 0)); then
        echo "ok    $sentence"
        passed=$((passed + 1))
    else
        echo "FAIL  $sentence"
        printf '%s\n' "${problems[@]}" | sed 's/^/          /'
        failed=$((failed + 1))
    fi
}

# it_carries SENTENCE COMMAND...: a test that needs packets in the tunnel.
it_carries() {
    if [[ -n $python ]]; then
        it "$@"
    elif [[ -z $pattern || $1 =~ $pattern ]]; then
        echo "skipped (no python3)  $1"
        skipped=$((skipped + 1))
    fi
}

# ---- ensure_tun.sh -----------------------------------------------------------------------

fresh_tun() { ip link del mpq9 2>/dev/null || true; }

tun_is_made() {
    fresh_tun
    gives 2 ensure_tun --check mpq9 10.200.9.1/30
    says 'is absent'
    gives 0 ensure_tun mpq9 10.200.9.1/30 1300
    says 'mpq9: made'
    gives 0 ensure_tun --check mpq9 10.200.9.1/30
    out=$(ip -d addr show mpq9)
    says 'tun type tun pi off vnet_hdr off persist on user nobody'
    says 'mtu 1300'
    says 'inet 10.200.9.1/30'
    says '[<,]UP[,>]'
    [[ $(</proc/sys/net/ipv4/conf/mpq9/rp_filter) == 2 ]] || complain "rp_filter is not 2"
}
tun_keeps_offload_headers() {
    remake tun user nobody vnet_hdr
    gives 0 ensure_tun mpq9 10.200.9.1/30 1300
    out=$(ip -d link show mpq9)
    says 'vnet_hdr on'
    gives 0 ensure_tun --check mpq9 10.200.9.1/30 1300
    # The next test expects the device that ensure_tun itself makes.
    fresh_tun
    gives 0 ensure_tun mpq9 10.200.9.1/30 1300
}
tun_second_run() { unchanged gives 0 ensure_tun mpq9 10.200.9.1/30; says '^mpq9: nothing changed$'; }

# tun_fault WHAT-CHECK-SAYS COMMAND...: the fault is named, mended, and then nothing is left to do.
tun_fault() {
    local what=$1 before
    shift
    before=$(device_9)
    "$@"
    unchanged gives 2 ensure_tun --check mpq9 10.200.9.1/30 1300
    says "$what"
    gives 0 ensure_tun mpq9 10.200.9.1/30 1300
    says_not 'nothing changed'
    unchanged gives 0 ensure_tun mpq9 10.200.9.1/30 1300
    says 'nothing changed'
    [[ $before == "$(device_9)" ]] || complain "not as before:" "$(diff <(echo "$before") <(device_9))"
}
device_9() { ip -d addr show mpq9 | sed 's/^[0-9]*: //'; }
wrong_address() { ip addr flush dev mpq9 && ip addr add 10.9.9.9/24 dev mpq9; }
address_in_same_network() { ip addr flush dev mpq9 && ip addr add 10.200.9.2/30 dev mpq9; }
wrong_length() { ip addr flush dev mpq9 && ip addr add 10.200.9.1/24 dev mpq9; }
remake() { ip link del mpq9 && ip tuntap add dev mpq9 mode "$@"; }
tun_keeps_ipv6() {
    ip addr add fd00:9::1/64 dev mpq9 nodad
    ip addr add 10.9.9.9/24 dev mpq9
    gives 0 ensure_tun mpq9 10.200.9.1/30
    out=$(ip addr show mpq9)
    says 'fd00:9::1/64'
    says_not '10.9.9.9'
    ip addr del fd00:9::1/64 dev mpq9
}
tun_in_use_is_mended() {
    background holder "$python" /mnt/carrier.py mpq9
    ip addr add 10.9.9.9/24 dev mpq9
    ip link set mpq9 mtu 1400
    gives 0 ensure_tun mpq9 10.200.9.1/30
    says 'changed the MTU'
    out=$(ip addr show mpq9)
    says LOWER_UP
    unchanged gives 0 ensure_tun mpq9 10.200.9.1/30
    end_background holder
}
# tun_in_use_is_kept CARRIER-WORD TUNTAP-WORD...
tun_in_use_is_kept() {
    local word=$1
    shift
    remake tun "$@"
    # shellcheck disable=SC2086 # one word or none
    background holder "$python" /mnt/carrier.py mpq9 $word
    ip link set mpq9 up
    unchanged gives 3 ensure_tun mpq9 10.200.9.1/30
    says 'in use.*Stop the program'
    end_background holder
    gives 0 ensure_tun mpq9 10.200.9.1/30
}
tun_not_tun() {
    fresh_tun
    ip link add mpq9 type bridge
    unchanged gives 3 ensure_tun mpq9 10.200.9.1/30
    says 'not a TUN device'
    ip link del mpq9
}
tun_routes() {
    TUN_ROUTES="172.16.9.0/30 172.17.9.0/24" gives 0 ensure_tun mpq9 10.200.9.1/30
    out=$(ip -N route show dev mpq9 proto 145)
    says '172.16.9.0/30'
    says '172.17.9.0/24'
    TUN_ROUTES="172.16.9.0/30 172.17.9.0/24" unchanged gives 0 ensure_tun mpq9 10.200.9.1/30
    unchanged gives 0 ensure_tun mpq9 10.200.9.1/30
    TUN_ROUTES="172.16.9.0/30" gives 0 ensure_tun mpq9 10.200.9.1/30
    says 'removed the route 172.17.9.0/24'
    TUN_ROUTES="" gives 0 ensure_tun mpq9 10.200.9.1/30
    [[ -z $(ip -N route show dev mpq9 proto 145) ]] || complain "routes are left"
}
tun_foreign_route() {
    ip route add 172.16.9.0/30 via 198.18.1.1
    TUN_ROUTES="172.16.9.0/30" unchanged gives 0 ensure_tun mpq9 10.200.9.1/30
    says 'goes elsewhere and is left so'
    TUN_ROUTES="172.16.9.0/30" gives 2 ensure_tun --check mpq9 10.200.9.1/30
    ip route del 172.16.9.0/30
}
tun_usage() {
    local bad
    gives 1 ensure_tun mpq9
    for bad in 10.200.9.1 10.200.9.1/33 10.200.9.256/30 300.1.1.1/8 fd00::1/64; do
        gives 1 ensure_tun mpq9 "$bad"
        says 'not an IPv4 address with prefix length'
    done
    gives 1 ensure_tun a-name-that-is-long 10.200.9.1/30
    gives 1 ensure_tun mpq9 10.200.9.1/30 100
    MPQUIC_USER=no-such-user gives 1 ensure_tun mpq9 10.200.9.1/30
    says 'no user no-such-user'
    gives 0 ensure_tun --help
    says '^ensure_tun.sh: '
}

test_ensure_tun() {
    it "ensure_tun makes the device as the daemon needs it" tun_is_made
    # A PATTERN may have passed over the first.
    ensure_tun mpq9 10.200.9.1/30 >/dev/null
    it "ensure_tun changes nothing the second time" tun_second_run
    it "ensure_tun mends a device that was deleted" tun_fault 'is absent' fresh_tun
    it "ensure_tun mends a wrong address" tun_fault 'has not the address' wrong_address
    it "ensure_tun mends a wrong address in the same network" tun_fault 'has the address 10.200.9.2' address_in_same_network
    it "ensure_tun mends a wrong prefix length" tun_fault 'has the address 10.200.9.1/24' wrong_length
    it "ensure_tun removes a second IPv4 address" tun_fault 'has the address 10.8' ip addr add 10.8.8.8/24 dev mpq9
    it "ensure_tun leaves IPv6 addresses alone" tun_keeps_ipv6
    it "ensure_tun mends a wrong MTU" tun_fault 'has MTU 1280' ip link set mpq9 mtu 1280
    it "ensure_tun brings up a device that is down" tun_fault 'is down' ip link set mpq9 down
    it "ensure_tun mends rp_filter" tun_fault 'has rp_filter 1' sysctl -q -w net.ipv4.conf.mpq9.rp_filter=1
    it "ensure_tun mends a wrong owner" tun_fault 'belongs to root' remake tun user root
    it "ensure_tun mends a device without owner" tun_fault 'belongs to nobody, not to|belongs to .*not to' remake tun
    it "ensure_tun mends a device of a group" tun_fault 'group daemon' remake tun user nobody group daemon
    it "ensure_tun mends a device with several queues" tun_fault 'several queues' remake tun user nobody multi_queue
    it "ensure_tun mends a device with packet information" tun_fault 'packet information' remake tun user nobody pi
    it "ensure_tun leaves a device with offload headers, as the daemon opens it" tun_keeps_offload_headers
    it "ensure_tun mends a TAP device" tun_fault 'TAP device' remake tap user nobody
    it_carries "ensure_tun mends address and MTU while the device is open" tun_in_use_is_mended
    it_carries "ensure_tun does not take a device of several queues from its user" tun_in_use_is_kept multi user root multi_queue
    it_carries "ensure_tun does not take a device of another owner from its user" tun_in_use_is_kept '' user root
    it "ensure_tun adds and removes the routes of TUN_ROUTES" tun_routes
    it "ensure_tun leaves a route of others" tun_foreign_route
    it "ensure_tun leaves a device of another kind" tun_not_tun
    it "ensure_tun names wrong arguments" tun_usage
    fresh_tun
}

# ---- mpquic-lan-routing-check.sh -------------------------------------------------------------

lan_first() {
    unchanged gives 2 routing check
    says 'LAN 1: FAULT: there is no rule from 172.16.1.0/30 lookup 100'
    gives 0 routing fix
    out=$(ip -N rule)
    says '10001:.from 172.16.1.0/30 lookup 100 proto 145'
    out=$(ip -N route show table 100)
    says 'default dev mpq1 proto 145'
    says 'default proto 145 metric 4294967295'
    says "$VPS_ADDRESS via 198.18.1.1 dev enp7s3 proto 145"
    gives 0 routing check
    says 'LAN 2: ok: 172.16.2.0/30 goes by mpq2'
}
lan_second() { unchanged gives 0 routing fix all; says_not 'added|removed|FAULT'; }

# lan_fault WHAT-CHECK-SAYS COMMAND...: named; left alone by check; restored exactly by fix.
lan_fault() {
    local what=$1 before after
    shift
    before=$(state)
    "$@"
    unchanged gives 2 routing check
    says "$what"
    gives 0 routing fix
    after=$(state)
    [[ $before == "$after" ]] || complain "fix did not restore it exactly:" "$(diff <(echo "$before") <(echo "$after"))"
    unchanged gives 0 routing fix
    says_not 'added|removed|FAULT'
}
no_default() { ip route del default dev mpq1 table 100; }
no_host() { ip route del "$VPS_ADDRESS" table 100; }
wrong_host() { ip route replace "$VPS_ADDRESS" via 198.18.1.77 dev enp7s3 table 100 proto 145; }
no_floor() { ip route del blackhole default table 100; }
no_throw() { ip route del throw 172.16.1.0/30 table 100; }
# What is foreign in the table is the operator's to restore.
flushed() { ip route flush table 100 && ip route add 192.0.2.128/25 via 198.18.1.1 dev enp7s3 table 100; }
no_rule() { ip rule del from 172.16.2.0/30; }
wrong_rule_table() { no_rule && ip rule add from 172.16.2.0/30 lookup 77 priority 10002 protocol 145; }
wrong_rule_priority() { no_rule && ip rule add from 172.16.2.0/30 lookup 101 priority 20002 protocol 145; }
stale_host() { ip route add 203.0.113.99 via 198.18.1.1 dev enp7s3 table 100 proto 145; }
stale_default() { no_default && ip route add default dev mpq2 table 100 proto 145; }
everything() { flushed && no_rule && stale_host && ip rule del priority 10001 from 172.16.1.0/30; }

lan_foreign_default() { # METRIC-WORD...
    ip route del default dev mpq1 table 100 proto 145
    ip route add default via 198.18.1.1 dev enp7s3 table 100 "$@"
    unchanged gives 2 routing check 1
    says 'LAN 1: FAULT: table wan1 has a default route that is not ours.*ip route del default via 198.18.1.1.*LAN_1_TABLE'
    gives 2 routing fix 1
    says 'not ours'
    out=$(ip route show table 100)
    says 'default via 198.18.1.1 dev enp7s3'
    unchanged gives 2 routing fix 1
    ip route del default via 198.18.1.1 dev enp7s3 table 100
    gives 0 routing fix 1
}
lan_foreign_rule() {
    ip rule add from 172.16.0.0/16 lookup 50 priority 9500
    unchanged gives 2 routing fix 1
    says 'a rule that is not ours comes first.*9500.*ip rule del pref 9500.*LAN_1_RULE_PRIORITY'
    ip rule del from 172.16.0.0/16 lookup 50 priority 9500
    gives 0 routing check
}
lan_foreign_host() {
    no_host
    ip route add "$VPS_ADDRESS" via 198.18.2.1 dev enp7s4 table 100
    unchanged gives 2 routing fix 1
    says "takes the tunnel's own packets to $VPS_ADDRESS by enp7s4"
    ip route del "$VPS_ADDRESS" table 100
    gives 0 routing fix 1
}
lan_own_rule_of_operator() {
    ip rule del from 172.16.2.0/30
    ip rule add from 172.16.2.0/30 lookup 101 priority 800
    unchanged gives 0 routing fix
    ip rule del from 172.16.2.0/30
    gives 0 routing fix
}
make_lan() {
    ip link add lan1 type bridge
    ip link set lan1 addrgenmode none
    ip addr add 172.16.1.1/30 dev lan1
    ip link set lan1 up
}
lan_tunnel_down() {
    local before status
    before=$(state)
    make_lan
    for status in "connecting remote=$VPS_ADDRESS:45001 attempt=3" 'down reason="timeout" retry_ms=500' ''; do
        service_is 1 ActiveState=active "StatusText=$status"
        gives 2 routing check 1
        says 'has the route default dev mpq1, but the tunnel cannot be used'
        gives 0 routing fix 1
        says 'is blackholed'
        out=$(ip route get 8.8.8.8 from 172.16.1.1 2>&1 || true)
        says 'Invalid argument' # the kernel's word for a blackhole
        unchanged gives 0 routing fix 1
        service_is_up 1
        gives 0 routing fix 1
    done
    service_is 1 ActiveState=failed
    gives 0 routing fix 1
    says 'mpquic@1 is failed'
    service_is_up 1
    gives 0 routing fix 1
    ip link del lan1
    [[ $before == "$(state)" ]] || complain "not as before:" "$(diff <(echo "$before") <(state))"
}
lan_tun_down() {
    end_background carrier1
    gives 0 routing fix 1
    says 'no program has mpq1 open'
    open_tunnel 1
    gives 0 routing fix 1
    says 'goes by mpq1'
}
lan_reaches() {
    # The gateway's own answers to its LAN stay out of the tunnel; the rest of the LAN's packets go in.
    make_lan
    out=$(ip route get 172.16.1.2 from 172.16.1.1)
    says 'dev lan1'
    out=$(ip route get 8.8.8.8 from 172.16.1.1)
    says 'dev mpq1'
    ip link del lan1
}
lan_no_carrier() {
    in_peer ip link set wan1 down
    service_is 1 ActiveState=active 'StatusText=waiting wan=enp7s3 reason="no carrier"'
    gives 0 routing fix
    says 'LAN 1: ok: 172.16.1.0/30 is blackholed; tunnel 1: waiting'
    out=$(ip -N route show table 100)
    says 'default proto 145 metric 4294967295'
    says_not 'default dev mpq1'
    unchanged gives 0 routing fix
    in_peer ip link set wan1 up
    service_is_up 1
    gives 0 routing fix
    says 'goes by mpq1'
}
lan_wan_off() {
    ip link set enp7s3 down
    service_is 1 ActiveState=active 'StatusText=waiting wan=enp7s3 reason="down"'
    gives 0 routing fix
    unchanged gives 0 routing check
    ip link set enp7s3 up
    ip route add default via 198.18.1.1 dev enp7s3 metric 101
    ip route add 192.0.2.0/24 via 198.18.1.1 dev enp7s3 table 50
    ip route add 192.0.2.128/25 via 198.18.1.1 dev enp7s3 table 100
    service_is_up 1
    gives 0 routing fix
    says "added the route $VPS_ADDRESS via 198.18.1.1"
}
lan_no_wan() {
    write_client 3
    gives 0 routing fix
    says 'LAN 3: ok: 172.16.3.0/30 is blackholed'
    out=$(ip -N route show table 102)
    says 'default proto 145 metric 4294967295'
    rm "$WORK"/client/instances/3.*
    ip route flush table 102
    ip rule del priority 10003
}
lan_gateway() {
    # No default route by the WAN: the lease says it, or the file, or nobody does.
    local index
    ip route del default via 198.18.1.1 dev enp7s3
    no_host
    ip route del 192.0.2.128/25 table 100
    unchanged gives 2 routing fix 1
    says 'no gateway is known on enp7s3.*LAN_1_GATEWAY'
    index=$(ip -o link show enp7s3 | cut -d : -f 1)
    printf 'ADDRESS=198.18.1.2\nROUTER=198.18.1.1\n' >"/mnt/leases/$index"
    gives 0 routing fix 1
    says "added the route $VPS_ADDRESS via 198.18.1.1 dev enp7s3"
    rm "/mnt/leases/$index"
    # Nobody knows better: it stays.
    unchanged gives 0 routing fix 1
    echo LAN_1_GATEWAY=198.18.1.9 >"$WORK/client/lan-routing.conf"
    gives 0 routing fix 1
    says "added the route $VPS_ADDRESS via 198.18.1.9 dev enp7s3"
    rm "$WORK/client/lan-routing.conf"
    ip route add default via 198.18.1.1 dev enp7s3 metric 101
    ip route add 192.0.2.128/25 via 198.18.1.1 dev enp7s3 table 100
    gives 0 routing fix 1
    says "added the route $VPS_ADDRESS via 198.18.1.1 dev enp7s3"
}
lan_names() {
    # Two addresses of one name; then the resolver is gone, and the answer is remembered.
    cat >/mnt/bin/getent <<'FAKE_GETENT'
#!/bin/sh
[ ! -e /mnt/fake/no-dns ] || exit 2
printf '%s\n' '203.0.113.10 STREAM vps.example' '203.0.113.10 DGRAM' '203.0.113.20 STREAM'
FAKE_GETENT
    chmod +x /mnt/bin/getent
    echo VPS_PUBLIC_IP=vps.example >"$WORK/client/global.env"
    gives 0 routing fix 1
    says_not "removed"
    says "added the route 203.0.113.20 via 198.18.1.1 dev enp7s3"
    touch /mnt/fake/no-dns
    echo "vps.example 0 203.0.113.10 203.0.113.20" >"$MPQUIC_CHECKS_RUN/vps.addresses"
    unchanged gives 0 routing fix 1
    rm "$MPQUIC_CHECKS_RUN/vps.addresses"
    unchanged gives 0 routing fix 1
    # A session that is up keeps its path.
    rm /mnt/fake/no-dns
    sed -i 's/203.0.113.10/203.0.113.30/g' /mnt/bin/getent
    gives 0 routing fix 1
    says_not "removed the route $VPS_ADDRESS"
    rm /mnt/bin/getent
    cp "$WORK/client.good/global.env" "$WORK/client/global.env"
    gives 0 routing fix
    says "removed the route 203.0.113.20"
}
lan_file() {
    # Another table, other numbers: what was ours and is no longer wanted goes.
    printf '%s\n' 'LAN_1_TABLE=777 # a number' 'LAN_1_RULE_PRIORITY="700"' 'LAN_2_SUBNET=off' >"$WORK/client/lan-routing.conf"
    gives 0 routing fix
    out=$(ip -N rule)
    says '700:.from 172.16.1.0/30 lookup 777 proto 145'
    says_not '10001:.from 172.16.1|172.16.2.0/30'
    [[ -z $(ip -N route show table 101 proto 145) ]] || complain "LAN 2 is off and still has routes"
    unchanged gives 0 routing fix
    rm "$WORK/client/lan-routing.conf"
    gives 0 routing fix
    ip route flush table 777
    out=$(ip -N rule)
    says '10001:.from 172.16.1.0/30 lookup 100 proto 145'
    says_not '777'
}
lan_template() {
    cp "$MPQUIC_HOME/deploy/config/lan-routing.conf" "$WORK/client/lan-routing.conf"
    unchanged gives 0 routing fix
    sed -n 's/^#\(LAN_[0-9]\)/\1/p' "$MPQUIC_HOME/deploy/config/lan-routing.conf" >"$WORK/client/lan-routing.conf"
    unchanged gives 0 routing fix
    rm "$WORK/client/lan-routing.conf"
}
# lan_config_error WHAT-IT-SAYS LINE...
lan_config_error() {
    local what=$1
    shift
    printf '%s\n' '# a comment' "$@" >"$WORK/client/lan-routing.conf"
    unchanged gives 1 routing fix
    says "$what"
    rm "$WORK/client/lan-routing.conf"
}
lan_global_error() {
    local bad
    # shellcheck disable=SC2016 # it must not be run
    for bad in '' 'VPS_PUBLIC_IP=' 'VPS_PUBLIC_IP=203.0.113' 'VPS_PUBLIC_IP=a b' 'VPS_PUBLIC_IP=$(reboot)'; do
        echo "$bad" >"$WORK/client/global.env"
        unchanged gives 1 routing fix
        says "global.env: VPS_PUBLIC_IP=.*should be the address"
    done
    printf '%s\n' "VPS_PUBLIC_IP=$VPS_ADDRESS" MPQUIC_ROLE=server >"$WORK/client/global.env"
    unchanged gives 1 routing fix
    cp "$WORK/client.good/global.env" "$WORK/client/global.env"
}
lan_quiet() {
    unchanged gives 0 routing fix --quiet
    [[ -z $out ]] || complain "it said: $out"
    no_default
    gives 0 routing fix --quiet
    says '^LAN 1: added the route default dev mpq1 to table wan1$'
    ip route add default via 198.18.1.1 dev enp7s3 table 100 metric 5
    gives 2 routing fix --quiet
    says 'FAULT'
    gives 2 routing fix --quiet
    [[ -z $out ]] || complain "it said the same again: $out"
    ip route del default via 198.18.1.1 dev enp7s3 table 100
    gives 0 routing fix --quiet
    says '^no faults any more$'
    gives 0 routing fix --quiet
    [[ -z $out ]] || complain "it said: $out"
}
lan_unprivileged() {
    gives 0 setpriv --reuid nobody --regid nogroup --clear-groups env MPQUIC_ETC="$WORK/client" "$SCRIPTS/mpquic-lan-routing-check.sh" check
    gives 1 setpriv --reuid nobody --regid nogroup --clear-groups env MPQUIC_ETC="$WORK/client" "$SCRIPTS/mpquic-lan-routing-check.sh" fix
    says 'only root'
}
lan_usage() {
    gives 1 routing
    gives 1 routing mend
    gives 1 routing fix 7
    gives 0 routing --help
    says 'Exit codes'
}

test_routing() {
    it_carries "lan-routing fix makes rules and tables" lan_first
    routing fix >/dev/null || true
    it_carries "lan-routing fix changes nothing the second time" lan_second
    it_carries "lan-routing keeps the gateway's answers to its LAN out of the tunnel" lan_reaches
    it_carries "lan-routing: the default route is missing" lan_fault 'LAN 1: FAULT: table wan1 has not the route default dev mpq1' no_default
    it_carries "lan-routing: the route to the VPS is missing" lan_fault "has not the route $VPS_ADDRESS via 198.18.1.1 dev enp7s3" no_host
    it_carries "lan-routing: the route to the VPS has another gateway" lan_fault "has not the route $VPS_ADDRESS via 198.18.1.1 dev enp7s3" wrong_host
    it_carries "lan-routing: the blackhole is missing" lan_fault 'has not the route blackhole default' no_floor
    it_carries "lan-routing: the way back to the LAN is missing" lan_fault 'has not the route throw 172.16.1.0/30' no_throw
    it_carries "lan-routing: the table was flushed" lan_fault 'has not the route default dev mpq1' flushed
    it_carries "lan-routing: the rule was dropped" lan_fault 'LAN 2: FAULT: there is no rule from 172.16.2.0/30 lookup 101' no_rule
    it_carries "lan-routing: our rule leads to another table" lan_fault 'there is no rule from 172.16.2.0/30' wrong_rule_table
    it_carries "lan-routing: our rule has another priority" lan_fault 'there is no rule from 172.16.2.0/30' wrong_rule_priority
    it_carries "lan-routing: a route of ours is left over" lan_fault 'has the route 203.0.113.99 .*not wanted' stale_host
    it_carries "lan-routing: our default leads into another tunnel" lan_fault 'has the route default dev mpq2' stale_default
    it_carries "lan-routing: all of it at once" lan_fault 'LAN 2: FAULT' everything
    it_carries "lan-routing: a foreign default before ours is named and left" lan_foreign_default
    it_carries "lan-routing: a foreign default behind ours is named and left" lan_foreign_default metric 50
    it_carries "lan-routing: a foreign rule that comes first is named and left" lan_foreign_rule
    it_carries "lan-routing: a foreign route to the VPS is named and left" lan_foreign_host
    it_carries "lan-routing: the operator's own rule will do" lan_own_rule_of_operator
    it_carries "lan-routing: a tunnel that is not up has no default, and nothing leaks" lan_tunnel_down
    it_carries "lan-routing: a device that nobody has open has no default" lan_tun_down
    it_carries "lan-routing: a WAN without carrier is no fault" lan_no_carrier
    it_carries "lan-routing: a WAN that is switched off is no fault" lan_wan_off
    it_carries "lan-routing: a WAN that is absent is no fault" lan_no_wan
    it_carries "lan-routing finds the gateway in routes, lease and file" lan_gateway
    it_carries "lan-routing: a name has several addresses, and is remembered" lan_names
    it_carries "lan-routing: the file changes table and priority, and switches a LAN off" lan_file
    it_carries "lan-routing: the template is right, and says the defaults" lan_template
    it "lan-routing names file, line and key: not KEY=VALUE" lan_config_error 'lan-routing.conf, line 2: "LAN_1_TABLE" is not KEY=VALUE' LAN_1_TABLE
    it "lan-routing names file, line and key: unknown key" lan_config_error 'lan-routing.conf, line 3: unknown key LAN_7_TABLE' LAN_1_TABLE=100 LAN_7_TABLE=5
    it "lan-routing names file, line and key: doubled key" lan_config_error 'line 2 and 3: LAN_1_TABLE is there twice' LAN_1_TABLE=100 LAN_1_TABLE=100
    it "lan-routing names file, line and key: subnet" lan_config_error 'line 2: LAN_1_SUBNET=172.16.1.1/30: .*should be 172.16.1.0/30' LAN_1_SUBNET=172.16.1.1/30
    it "lan-routing names file, line and key: no subnet" lan_config_error 'line 2: LAN_1_SUBNET=lan: not an IPv4 network' LAN_1_SUBNET=lan
    it "lan-routing names file, line and key: unknown table" lan_config_error 'line 2: LAN_1_TABLE=wan7: no such table' LAN_1_TABLE=wan7
    it "lan-routing names file, line and key: main table" lan_config_error 'line 2: LAN_1_TABLE=254: not a table for a LAN' LAN_1_TABLE=254
    it "lan-routing names file, line and key: shared table" lan_config_error 'line 2: LAN_2_TABLE=100: LAN 1 and LAN 2 have the table 100' LAN_2_TABLE=100
    it "lan-routing names file, line and key: overlapping subnets" lan_config_error 'line 2: LAN_2_SUBNET=172.16.0.0/16: the networks .*overlap' LAN_2_SUBNET=172.16.0.0/16
    it "lan-routing names file, line and key: gateway" lan_config_error 'line 2: LAN_1_GATEWAY=router: not an IPv4 address' LAN_1_GATEWAY=router
    it "lan-routing names file, line and key: priority" lan_config_error 'line 2: LAN_1_RULE_PRIORITY=40000: should be a number' LAN_1_RULE_PRIORITY=40000
    it "lan-routing names file, line and key: device" lan_config_error 'line 2: LAN_1_WAN=a/b: not the name of a device' LAN_1_WAN=a/b
    it "lan-routing says what is wrong in global.env" lan_global_error
    it_carries "lan-routing --quiet says each thing once" lan_quiet
    it_carries "lan-routing check needs no rights, fix does" lan_unprivileged
    it "lan-routing names wrong arguments" lan_usage
}

# ---- wan-event.sh and the hooks ----------------------------------------------------------------

event() { MPQUIC_ETC=$WORK/client "$SCRIPTS/wan-event.sh" "$@"; }
event_mends() {
    : >"$FAKE/logged"
    no_host
    gives 0 event enp7s3
    [[ -z $out ]] || complain "it said: $out"
    out=$(<"$FAKE/logged")
    says "-t mpquic -- enp7s3 has changed: LAN 1: added the route $VPS_ADDRESS"
    gives 0 routing check
    : >"$FAKE/logged"
    no_host
    IFACE=enp7s3 gives 0 event
    gives 0 routing check
    unchanged gives 0 event enp7s3
}
event_ignores() {
    local device
    no_host
    for device in enp7s4 lo eth0 '' --all; do
        IFACE='' unchanged gives 0 event "$device"
    done
    gives 2 routing check
    gives 0 routing fix
}
event_not_wanted() {
    no_host
    : >"$FAKE/routing-not-wanted"
    unchanged gives 0 event enp7s3
    rm "$FAKE/routing-not-wanted"
    gives 0 event enp7s3
    gives 0 routing check
}
event_never_fails() {
    echo nonsense >"$WORK/client/lan-routing.conf"
    : >"$FAKE/logged"
    unchanged gives 0 event enp7s3
    out=$(<"$FAKE/logged")
    says 'not KEY=VALUE'
    rm "$WORK/client/lan-routing.conf"
    MPQUIC_ETC=/nowhere gives 0 "$SCRIPTS/wan-event.sh" enp7s3
}
event_locks() {
    # Whoever has the lock is not disturbed; a hook does not wait for long.
    local since=$SECONDS holder
    (exec 9>"$MPQUIC_CHECKS_RUN/lan-routing.lock" && flock 9 && exec sleep 20) &
    holder=$!
    sleep 0.2
    no_host
    gives 0 event enp7s3
    ((SECONDS - since <= 8)) || complain "it waited for $((SECONDS - since)) s"
    kill "$holder"
    wait "$holder" 2>/dev/null || true
    gives 0 routing fix
}
hooks_call_it() {
    local hook
    mkdir -p /mnt/usr/lib/mpquic
    ln -s "$SCRIPTS" /mnt/usr/lib/mpquic/scripts
    # Installed paths, in this mount namespace only.
    mkdir -p /mnt/lib-upper /mnt/lib-work
    mount -t overlay overlay -o "lowerdir=/usr/lib,upperdir=/mnt/lib-upper,workdir=/mnt/lib-work" /usr/lib
    ln -s /mnt/usr/lib/mpquic /usr/lib/mpquic
    for hook in networkd-dispatcher/50-mpquic ifupdown/mpquic; do
        no_host
        IFACE=enp7s3 MPQUIC_ETC=$WORK/client gives 0 "$MPQUIC_HOME/deploy/$hook"
        gives 0 routing check
    done
    umount -l /usr/lib
}

test_events() {
    it_carries "wan-event mends the LAN of the WAN that changed, and logs it" event_mends
    it_carries "wan-event leaves all other devices alone" event_ignores
    it_carries "wan-event leaves the routing alone where it was not asked for" event_not_wanted
    it_carries "wan-event never fails its hook" event_never_fails
    it_carries "wan-event does not wait for long while another fix runs" event_locks
    it_carries "the hooks of networkd-dispatcher and ifupdown call wan-event" hooks_call_it
}

# ---- mpquic-healthcheck.sh: the client -----------------------------------------------------------

told() { out=$(cat "$FAKE/log" 2>/dev/null || true); }
forget() { rm -f "$FAKE/log" "$MPQUIC_CHECKS_RUN"/*.{restarted,unconnected}; }

# Starting the fake service opens the device anew.
carrier_follows_service() {
    local i=$1
    cat >"$FAKE/$i.stop" <<END
#!/bin/sh
kill -KILL \$(cat $FAKE/carrier$i.pid)
sleep 0.1
END
    cat >"$FAKE/$i.start" <<END
#!/bin/sh
kill -KILL \$(cat $FAKE/carrier$i.pid) 2>/dev/null
sleep 0.1
$python /mnt/carrier.py mpq$i $PEER >/dev/null 2>$FAKE/carrier$i.err </dev/null &
echo \$! >$FAKE/carrier$i.pid
sleep 0.5
END
    chmod +x "$FAKE/$i.start" "$FAKE/$i.stop"
}

health_good() {
    unchanged gives 0 client
    says '1 +ok +ok +ok +ok +ok +ok +healthy'
    says '2 +ok +ok +ok +ok +ok +ok +healthy'
    unchanged gives 0 client fix
    says_not 'instance [12]:'
}
json_is() { # PYTHON-EXPRESSION over "r", the result
    "$python" -c 'import json, sys
r = json.load(sys.stdin)
sys.exit(0 if ('"$1"') else 1)' <<<"$out" || complain "not so: $1" "$out"
}
health_json() {
    unchanged gives 0 client --json
    json_is 'len(r) == 2 and r[0]["instance"] == "1" and r[0]["role"] == "client" and r[0]["overall"] == "healthy"'
    json_is 'all(set(c) == {"status", "reason"} and c["status"] in ("ok", "fault", "expected-down") for i in r for c in i["checks"].values())'
    json_is 'list(r[0]["checks"]) == ["config", "wan", "service", "tun", "session", "peer"] and r[0]["actions"] == []'
    service_is 1 ActiveState=active $'StatusText=down reason="a \\"b\\" c\\\\d\te" retry_ms=1'
    gives 2 client --json 1
    json_is 'r[0]["overall"] == "degraded" and r[0]["checks"]["session"]["status"] == "fault"'
    service_is_up 1
    ip link set mpq1 mtu 1400
    gives 0 client fix --json 1
    json_is '"changed the MTU" in r[0]["actions"][0] and r[0]["overall"] == "healthy"'
}
health_wan() { # REASON COMMAND UNDO
    $2
    service_is 1 ActiveState=active 'StatusText=waiting wan=enp7s3 reason="..."'
    unchanged gives 0 client
    says '1 +ok +down +ok +ok +down +down +expected-down'
    says "instance 1: wan: expected-down: enp7s3 $1"
    unchanged gives 0 client fix
    $3
    service_is_up 1
    gives 0 client 1
}
no_address() { ip addr del 198.18.1.2/24 dev enp7s3; }
wan_restored() {
    ip addr replace 198.18.1.2/24 dev enp7s3
    ip link set enp7s3 up
    in_peer ip link set wan1 up
    ip route replace default via 198.18.1.1 dev enp7s3 metric 101
}
no_carrier() { in_peer ip link set wan1 down; }
switched_off() { ip link set enp7s3 down; }
wan_absent() { ip link set enp7s3 down && ip link set enp7s3 name gone; }
wan_back() { ip link set gone name enp7s3 && wan_restored; }

# health_service KEY=VALUE...: is degraded; fix starts it; then nothing is left to do.
health_service() {
    local saying=$1 told_to=$2
    shift 2
    forget
    service_is 1 "$@"
    unchanged gives 2 client check 1
    says "instance 1: service: fault: $saying"
    gives 0 client fix 1
    says "instance 1: (re)?started the service"
    told
    says "$told_to 1"
    unchanged gives 0 client fix 1
}
health_frozen() {
    local frozen
    sleep 60 &
    frozen=$!
    kill -STOP "$frozen"
    health_service 'its process [0-9]+ is stopped' restart ActiveState=active SubState=running "MainPID=$frozen" "StatusText=$(says_up 1)"
    kill -KILL "$frozen"
    wait "$frozen" 2>/dev/null || true
}
health_disabled() {
    forget
    service_is 2 ActiveState=inactive UnitFileState=disabled
    sed -i '/UnitFileState=enabled/d' "$FAKE/2"
    unchanged gives 0 client fix
    says '2 .*expected-down'
    says 'mpquic@2.service is disabled and not running'
    service_is_up 2
}
# health_tun SAYS COMMAND...: a fault of the device, which fix mends without a restart.
health_tun() {
    local what=$1
    shift
    forget
    "$@"
    unchanged gives 2 client check
    says "instance 1: tun: fault: mpq1: $what"
    gives 0 client fix
    says 'instance 1: mpq1: '
    [[ ! -e $FAKE/log ]] || complain "the service was touched: $(<"$FAKE/log")"
    unchanged gives 0 client fix
}
wrong_tun_address() { ip addr add 10.7.7.7/24 dev mpq1 && ip addr del 10.200.1.1/30 dev mpq1; }
health_tun_deleted() {
    forget
    ip link del mpq1
    unchanged gives 2 client check 1
    says 'tun: fault: mpq1: is absent'
    gives 0 client fix 1
    says 'instance 1: mpq1: made'
    says 'restarted the service: its device is a new one'
    unchanged gives 0 client fix 1
    gives 0 routing fix
}
health_tun_owner() {
    forget
    end_background carrier1
    ip link del mpq1
    ip tuntap add dev mpq1 mode tun user root
    open_tunnel 1
    ip link set mpq1 up
    unchanged gives 2 client check 1
    says 'belongs to root'
    gives 0 client fix 1
    says 'stopped the service, because mpq1 must be made anew'
    says 'started the service'
    unchanged gives 0 client fix 1
    gives 0 routing fix
}
health_tun_not_open() {
    forget
    end_background carrier1
    unchanged gives 2 client check 1
    says 'mpq1: the service does not have it open'
    gives 0 client fix 1
    says 'restarted the service: it does not have its device open'
    gives 0 client check 1
}
health_silent() {
    forget
    kill -STOP "$(<"$FAKE/carrier1.pid")"
    unchanged gives 2 client check 1
    says 'peer: fault: 10.200.1.2 does not answer [3-9] pings by mpq1'
    gives 0 client fix 1
    says 'restarted the service: its session is up, but 10.200.1.2 does not answer'
    gives 0 client check 1
    # Silent again within the minute: not restarted.
    kill -STOP "$(<"$FAKE/carrier1.pid")"
    : >"$FAKE/log"
    unchanged gives 2 client fix 1
    says 'was restarted .* s ago, and is again at the earliest after 60 s'
    kill -CONT "$(<"$FAKE/carrier1.pid")"
    gives 0 client fix 1
}
health_silent_once() {
    # Silent in the first round only: nothing is done.
    forget
    kill -STOP "$(<"$FAKE/carrier1.pid")"
    (sleep 3; kill -CONT "$(<"$FAKE/carrier1.pid")") &
    gives 2 client fix 1
    [[ ! -e $FAKE/log ]] || complain "the service was touched: $(<"$FAKE/log")"
    wait $!
    gives 0 client fix 1
}
health_no_pings() {
    # The peer drops pings, but the tunnel carries: it must not be cut every minute.
    local sender
    forget
    in_peer nft add table inet deaf
    in_peer nft add chain inet deaf input '{ type filter hook input priority 0; }'
    in_peer nft add rule inet deaf input icmp type echo-request drop
    in_peer bash -c 'while :; do echo x >/dev/udp/10.200.1.1/9; sleep 0.2; done' 2>/dev/null &
    sender=$!
    gives 2 client fix 1
    says 'not restarted: 10.200.1.2 does not answer .*, but other packets come'
    [[ ! -e $FAKE/log ]] || complain "the service was touched: $(<"$FAKE/log")"
    kill "$sender"
    wait "$sender" 2>/dev/null || true
    in_peer nft delete table inet deaf
    gives 0 client fix 1
}
health_connecting() {
    local age
    forget
    # Connecting since a moment ago: left alone.
    read -r age _ </proc/uptime
    age=${age%.*}
    service_is 1 ActiveState=activating SubState=start "InactiveExitTimestampMonotonic=$(((age - 5) * 1000000))" \
        "StatusText=connecting remote=$VPS_ADDRESS:45001 attempt=2"
    unchanged gives 2 client fix 1
    says 'session: fault: connecting'
    # For long, but only seen now: left alone, and counted from now.
    rm -f "$MPQUIC_CHECKS_RUN/1.unconnected"
    service_is 1 ActiveState=active SubState=running InactiveExitTimestampMonotonic=1 \
        "StatusText=connecting remote=$VPS_ADDRESS:45001 attempt=2"
    unchanged gives 2 client fix 1
    # Seen so for half a minute.
    echo $((age - 31)) >"$MPQUIC_CHECKS_RUN/1.unconnected"
    gives 0 client fix 1
    says 'restarted the service: not connected for 3[0-9] s'
    told
    says 'restart 1'
}
health_waiting() {
    # It waits for a WAN that is not usable, for as long as it takes.
    forget
    no_carrier
    echo 1 >"$MPQUIC_CHECKS_RUN/1.unconnected"
    service_is 1 ActiveState=active InactiveExitTimestampMonotonic=1 'StatusText=waiting wan=enp7s3 reason="no carrier"'
    unchanged gives 0 client fix 1
    service_is 1 ActiveState=active InactiveExitTimestampMonotonic=1 "StatusText=connecting remote=$VPS_ADDRESS:45001 attempt=9"
    unchanged gives 0 client fix 1
    [[ ! -e $FAKE/log ]] || complain "the service was touched: $(<"$FAKE/log")"
    wan_restored
    service_is_up 1
}
health_config() {
    forget
    sed -i 's/^TUN_CIDR=.*/TUN_CIDR=10.200.1.5\/30/' "$WORK/client/instances/1.env"
    gives 2 client 1
    says 'config: fault: tun_cidr in 1.yaml is "10.200.1.1/30", but TUN_CIDR in 1.env is "10.200.1.5/30"'
    cp "$WORK/client.good/instances/1.env" "$WORK/client/instances/1.env"
    mv "$WORK/client/instances/1.yaml" "$WORK/yaml"
    unchanged gives 2 client fix 1
    says 'config: fault: .*1.yaml cannot be read'
    mv "$WORK/yaml" "$WORK/client/instances/1.yaml"
    echo >"$WORK/client/instances/1.env"
    unchanged gives 2 client fix 1
    says '1.env has no TUN_NAME'
    [[ ! -e $FAKE/log ]] || complain "the service was touched: $(<"$FAKE/log")"
    cp "$WORK/client.good/instances/1.env" "$WORK/client/instances/1.env"
}
health_quiet() {
    gives 0 client fix --quiet
    gives 0 client fix --quiet
    [[ -z $out ]] || complain "it said: $out"
    service_is 1 ActiveState=active InactiveExitTimestampMonotonic=1 "StatusText=connecting remote=x attempt=1"
    rm -f "$MPQUIC_CHECKS_RUN/1.unconnected"
    gives 2 client fix --quiet
    says '^instance 1: session: fault: connecting'
    service_is 1 ActiveState=active InactiveExitTimestampMonotonic=1 "StatusText=connecting remote=x attempt=2"
    gives 2 client fix --quiet
    [[ -z $out ]] || complain "it said the same again: $out"
    service_is_up 1
    gives 0 client fix --quiet
    says '^no faults any more$'
}
health_usage() {
    gives 1 client --verbose
    gives 1 "$SCRIPTS/mpquic-healthcheck.sh"
    gives 1 "$SCRIPTS/mpquic-healthcheck.sh" '' fix
    says 'MPQUIC_ROLE'
    gives 1 client 5
    says 'There are: 1 2'
    MPQUIC_ETC=/nowhere gives 1 "$SCRIPTS/mpquic-healthcheck.sh" client
    gives 0 client --help
    says 'Exit codes'
}
health_is_quick() {
    local since=${EPOCHREALTIME/./} took
    kill -STOP "$(<"$FAKE/carrier1.pid")" "$(<"$FAKE/carrier2.pid")"
    gives 2 client check
    took=$(((${EPOCHREALTIME/./} - since) / 1000))
    ((took < 5000)) || complain "it took $took ms"
    kill -CONT "$(<"$FAKE/carrier1.pid")" "$(<"$FAKE/carrier2.pid")"
}
health_linked() {
    ln -sf "$SCRIPTS/mpquic-healthcheck.sh" /mnt/bin/mpquic-healthcheck
    MPQUIC_ETC=$WORK/client gives 0 mpquic-healthcheck client
}

test_client() {
    if [[ -n $python ]]; then
        carrier_follows_service 1
        carrier_follows_service 2
    fi
    it_carries "health client: all is well, and nothing is changed" health_good
    it_carries "health client: JSON is valid and has its shape" health_json
    it_carries "health client: called by a link in another folder" health_linked
    it_carries "health client: silent peers are asked at the same time" health_is_quick
    it_carries "health client: a WAN without carrier is expected down" health_wan 'has no carrier' no_carrier wan_restored
    it_carries "health client: a WAN without address is expected down" health_wan 'has no address' no_address wan_restored
    it_carries "health client: a WAN that is switched off is expected down" health_wan 'is switched off' switched_off wan_restored
    it_carries "health client: a WAN that is absent is expected down" health_wan 'is absent' wan_absent wan_back
    it_carries "health client: a service that has failed is started" health_service failed start ActiveState=failed Result=exit-code
    it_carries "health client: a service that was stopped is started" health_service 'not running' start ActiveState=inactive
    it_carries "health client: a service in a restart loop is restarted" health_service 'it ends and is restarted' restart ActiveState=activating SubState=auto-restart NRestarts=7
    it_carries "health client: a service whose process is stopped is restarted" health_frozen
    it_carries "health client: a service that is disabled is left so" health_disabled
    it_carries "health client: a wrong MTU is mended" health_tun 'has MTU 1400' ip link set mpq1 mtu 1400
    it_carries "health client: a wrong address is mended" health_tun 'has not the address' wrong_tun_address
    it_carries "health client: a device that is down is mended" health_tun 'is down' ip link set mpq1 down
    it_carries "health client: a deleted device is made, and the service restarted" health_tun_deleted
    it_carries "health client: a device in use with a wrong owner is made anew" health_tun_owner
    it_carries "health client: a service that does not have its device open is restarted" health_tun_not_open
    it_carries "health client: up with a silent peer is restarted, once a minute" health_silent
    it_carries "health client: a peer that is silent in one round only is left alone" health_silent_once
    it_carries "health client: a peer that drops pings only is left alone" health_no_pings
    it_carries "health client: connecting is restarted after 30 s, not before" health_connecting
    it_carries "health client: a service that waits for its WAN is left alone" health_waiting
    it_carries "health client: a wrong configuration is named and left" health_config
    it_carries "health client: --quiet says each thing once" health_quiet
    it "health: wrong arguments are named" health_usage
}

# ---- mpquic-healthcheck.sh: the server ----------------------------------------------------------------

# The gateway's namespace becomes the VPS: same devices, other addresses.
become_server() {
    local i
    rm -f "$FAKE"/*.start "$FAKE"/*.stop
    for i in 1 2; do
        end_background "carrier$i"
        ip link del "mpq$i"
        in_peer "$SCRIPTS/ensure_tun.sh" "mpq$i" "10.200.$i.1/30" >/dev/null
        write_server "$i"
        TUN_ROUTES=172.16.$i.0/30 ensure_tun "mpq$i" "10.200.$i.2/30" >/dev/null
        open_tunnel "$i"
        service_is "$i" ActiveState=active SubState=running "StatusText=listening local=0.0.0.0:4500$i"
        echo "StatusText=listening local=0.0.0.0:4500$i" >"$FAKE/$i.says"
    done
    background listener "$python" /mnt/listen.py 45001 45002
    sysctl -q -w net.ipv4.ip_forward=1
    forget
}
server_waits() {
    unchanged gives 0 server fix
    says '1 +ok +ok +ok +down +down +ok +ok +ok +expected-down'
    says 'session: expected-down: waiting for the client'
    gives 0 server --json
    json_is '[c["overall"] for c in r] == ["expected-down", "expected-down"]'
}
server_up() {
    service_is_up 1
    service_is_up 2
    unchanged gives 0 server fix
    says '1 +ok +ok +ok +ok +ok +ok +ok +ok +healthy'
}
server_silent() {
    # The client has gone without a word: nothing that the server could mend.
    kill -STOP "$(<"$FAKE/carrier1.pid")"
    unchanged gives 0 server fix 1
    says 'peer: expected-down: the client does not answer [3-9] pings by mpq1'
    kill -CONT "$(<"$FAKE/carrier1.pid")"
}
server_not_listening() {
    end_background listener
    unchanged gives 2 server
    says 'listen: fault: nothing listens on UDP port 45001'
    background listener "$python" /mnt/listen.py 45001 45002
    gives 0 server
}
server_forwarding() {
    sysctl -q -w net.ipv4.ip_forward=0
    unchanged gives 2 server
    says 'forwarding: fault'
    gives 0 server fix
    says 'set net.ipv4.ip_forward to 1'
    unchanged gives 0 server fix
}
server_route() {
    ip route del 172.16.1.0/30
    unchanged gives 2 server
    says 'tun: fault: mpq1: has not the route 172.16.1.0/30'
    gives 0 server fix
    unchanged gives 0 server fix
}

# firewall VERDICT SAYS RULES: what the check thinks of the rules (in, dropped, unsure), and
# whether a packet to the port thinks so, too. The rules are left as they are.
firewall() {
    local verdict=$1 status=0 arrived
    [[ $verdict != dropped ]] || status=2
    nft delete table inet operator
    # nft wants the last braces on lines of their own.
    nft -f - <<<"${3/% \} \}/$'\n}\n}'}" || complain "nft refused the test's own rules"
    unchanged gives "$status" server fix 1
    [[ $verdict == dropped ]] || says_not FAULT
    says "$2"
    if [[ $verdict == unsure ]]; then
        gives 0 server --json 1
        says '"firewall": ."status": "ok", "reason": "cannot be told'
    fi
    : >"$FAKE/listener.out"
    in_peer bash -c 'echo hello >/dev/udp/198.18.1.2/45001'
    arrived=dropped
    for _ in 1 2 3 4 5; do
        if grep -q '^got 45001$' "$FAKE/listener.out"; then arrived=in; break; fi
        sleep 0.02
    done
    [[ $verdict == "$arrived" || $verdict == unsure ]] || complain "in truth the packet is $arrived"
    nft flush ruleset
    nft add table inet operator
}
readonly DROPS='table inet filter { chain input { type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related counter accept
    ct state invalid drop
    ip protocol icmp accept
    tcp dport { 22, 443 } accept comment "udp dport 45001 accept"
    ip saddr 192.0.2.0/24 accept'
readonly FAULT='instance 1: firewall: fault: nftables input policy drops udp 45001 .*nft insert rule inet filter input udp dport 45001 accept'

firewall_stage() {
    # Without a session nobody is asked, whose answer the rules might drop.
    local i
    for i in 1 2; do
        service_is "$i" ActiveState=active SubState=running "StatusText=listening local=0.0.0.0:4500$i"
    done
}

test_firewall() {
    firewall_stage
    it_carries "firewall: a policy that drops the port is named with the remedy" firewall dropped "$FAULT" "$DROPS } }"
    it_carries "firewall: another port is no help" firewall dropped "$FAULT" "$DROPS
        udp dport { 53, 45000, 45010-45020 } accept } }"
    it_carries "firewall: accepted by number" firewall in '.' "$DROPS
        udp dport 45001 counter log prefix \"quic \" accept
        udp dport 45002 accept } }"
    it_carries "firewall: accepted by set" firewall in '.' "$DROPS
        udp dport { 53, 45001, 45002 } accept } }"
    it_carries "firewall: accepted by range" firewall in '.' "$DROPS
        meta l4proto udp udp dport 45001-45006 limit rate 100/second accept } }"
    it_carries "firewall: accepted by a named set" firewall in '.' \
        'table inet filter { set quic { type inet_service; flags interval; elements = { 45001-45006 } }
        chain input { type filter hook input priority 0; policy drop; udp dport @quic accept; } }'
    it_carries "firewall: accepted in a chain that is jumped to" firewall in '.' \
        'table inet filter { chain tunnels { udp dport 45001-45006 accept; }
        chain input { type filter hook input priority 0; policy drop; ct state vmap { established : accept, related : accept, invalid : drop }; jump tunnels; } }'
    it_carries "firewall: accepted by a verdict map" firewall in '.' \
        'table ip filter { chain input { type filter hook input priority 0; policy drop; udp dport vmap { 45001 : accept, 45002 : accept }; } }'
    it_carries "firewall: a rule that drops everything counts as a policy" firewall dropped 'input has a rule that drops udp 45001' \
        'table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 22 accept; counter reject with icmpx admin-prohibited; } }'
    it_carries "firewall: a rule that drops the port before it is accepted" firewall dropped 'a rule that drops udp 45001' \
        'table inet filter { chain input { type filter hook input priority 0; policy drop; udp dport 45001 drop; udp dport 45001-45006 accept; } }'
    it_carries "firewall: two chains, and the second drops" firewall dropped 'table ip second, chain in' \
        'table inet filter { chain input { type filter hook input priority 0; policy accept; }
        }
        table ip second { chain in { type filter hook input priority 10; policy drop; tcp dport 22 accept; } }'
    it_carries "firewall: what cannot be read is no fault" firewall unsure '.' "$DROPS
        iifname \"eth0\" accept } }"
}

test_server() {
    [[ -z $python ]] || become_server
    it_carries "health server: a client that is not connected is no fault" server_waits
    it_carries "health server: all is well, and nothing is changed" server_up
    it_carries "health server: a client that has gone without a word is no fault" server_silent
    it_carries "health server: nothing listens on the port" server_not_listening
    it_carries "health server: ip_forward is switched on" server_forwarding
    it_carries "health server: the route to the LAN is restored" server_route
    test_firewall
}

step "Making a gateway with two tunnels"
[[ -n $python ]] || warn "no python3 here: nothing can be carried, and most tests will be skipped"
make_gateway
for i in 1 2; do open_tunnel "$i"; done
step "Testing"
test_ensure_tun
test_routing
test_events
test_client
test_server
((skipped == 0)) || warn "$skipped tests were skipped"
echo "$passed passed, $failed failed"
if ((skipped > 0)) && require_all; then die "everything is required here, and tests were skipped"; fi
((failed == 0))
