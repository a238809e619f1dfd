# shellcheck shell=bash disable=SC2154 # what the other files of the test set
# Steps of scripts/test-deploy.sh: everything that goes wrong by itself. Sourced by it.

readonly NAMED_WITHIN_S=8 FIXED_WITHIN_S=20 UNAIDED_WITHIN_S=60

# ---- settled --------------------------------------------------------------------------------

# changes_nothing MACHINE COMMAND...: it succeeds, and leaves routing, firewall and units as they are.
changes_nothing() {
    local name=$1 before after
    shift
    before=$(state_of "$name") || return 1
    "$@" || return 1
    after=$(state_of "$name") || return 1
    diff <(echo "$before") <(echo "$after")
}

step_settled() {
    local name
    stop_timers
    check "everything is well" within 10 all_is_well
    for name in gateway vps; do
        # The first may still find something to do; the second must not.
        check "$name: mpquic-healthcheck fix" health "$name" fix
        check "$name: a second one changes nothing" changes_nothing "$name" health "$name" fix
    done
    check "gateway: mpquic-lan-routing-check fix" routing fix
    check "gateway: a second one changes nothing" changes_nothing gateway routing fix
    start_timers
}

# ---- faults ----------------------------------------------------------------------------------

main_pid() { echo "\$(systemctl show --property MainPID --value mpquic@$1.service)"; }

readonly CLIENT='mpquic-healthcheck client' SERVER='mpquic-healthcheck server' ROUTING=mpquic-lan-routing-check
# Of each fault: where, what breaks it, which check has to name it, and by what words, an
# extended pattern. A line of the health check begins with the instance and ends with its state.
readonly FAULTS=(
    "a daemon is killed; gateway; kill -KILL $(main_pid 2); $CLIENT; ^2 .* degraded$"
    "a daemon is frozen; gateway; kill -STOP $(main_pid 3); $CLIENT; ^3 .* degraded$"
    "a TUN is deleted; gateway; ip link delete mpq4; $CLIENT; ^4 .* degraded$"
    "a TUN is down; gateway; ip link set mpq6 down; $CLIENT; ^6 .* degraded$"
    "a LAN's table is flushed; gateway; ip route flush table 104; $ROUTING; LAN 5.*wan5"
    "a LAN's default route is gone; gateway; ip route del default dev mpq1 table 100; $ROUTING; LAN 1.*default dev mpq1"
    "a LAN's rule is dropped; gateway; ip rule del from 172.16.6.0/30; $ROUTING; LAN 6.*from 172\.16\.6\.0/30"
    "a daemon is killed; vps; kill -KILL $(main_pid 1); $SERVER; ^1 .* degraded$"
    "a daemon is frozen; vps; kill -STOP $(main_pid 2); $SERVER; ^2 .* degraded$"
    "a TUN is deleted; vps; ip link delete mpq3; $SERVER; ^3 .* degraded$"
    "the route to a LAN is lost; vps; ip route del 172.16.4.0/30; $SERVER; ^4 .* degraded$"
    "forwarding is off; vps; sysctl -q -w net.ipv4.ip_forward=0; $SERVER; ^5 .* degraded$"
)

# read_fault LINE: into the variables of its caller.
read_fault() {
    local IFS=';' fields
    read -r -a fields <<<"$1"
    what=${fields[0]} on=${fields[1]# } breaks=${fields[2]# } tool=${fields[3]# } words=${fields[4]# }
}

# is_named MACHINE TOOL WORDS BREAKS: breaks it, and looks at once, because systemd is quick;
# and again, because a thing that is silent is not yet known to be frozen. systemd's own
# watchdog ends the time for that.
is_named() { in_machine_sh "$1" "$4" && within "$NAMED_WITHIN_S" says_so "$1" "$2" "$3"; }

says_so() {
    local said status=0
    said=$(in_machine_sh "$1" "$2 check" 2>&1) || status=$?
    echo "$said"
    ((status == 2)) || { echo "exit code $status instead of 2"; return 1; }
    grep -Eq -- "$3" <<<"$said" || { echo "not named: $3"; return 1; }
}

# is_fixed MACHINE TOOL: fix may find that a part is not its to mend, or only later (2):
# systemd's watchdog has its own time. What counts is that all is well soon. A TUN that
# was deleted has taken a LAN's route along, which is the routing check's.
is_fixed() {
    local status=0
    in_machine_sh "$1" "$2 fix" || status=$?
    ((status == 0 || status == 2)) || return "$status"
    within "$FIXED_WITHIN_S" for_all tunnel_answers || return 1
    [[ $1 != "$gateway" || $2 == "$ROUTING" ]] || routing fix || return 1
    within "$FIXED_WITHIN_S" all_is_well
}

leaves_foreign_route() {
    local status=0
    names 'ip route del' exits_with 2 in_machine gateway "$ROUTING" fix || status=1
    in_machine gateway ip route del default via 198.18.1.1 dev enp7s3 table 101 || status=1
    all_is_well && ((status == 0))
}

is_whole() { tunnel_answers "$1" && lan_answers "$1" && is_up "$gateway" "$1" && is_up vps "$1"; }

# breaks_all MACHINE: all faults of that machine at once; they are in different tunnels.
breaks_all() {
    local line what on tool words breaks status=0
    for line in "${FAULTS[@]}"; do
        read_fault "$line"
        [[ $on == "$1" ]] || continue
        echo "$breaks"
        in_machine_sh "$on" "$breaks" || status=1
    done
    return "$status"
}

step_faults() {
    local line what on tool words breaks name broken i
    stop_timers
    for line in "${FAULTS[@]}"; do
        read_fault "$line"
        check "$on: $what: $tool check names it and exits with 2" is_named "$on" "$tool" "$words" "$breaks"
        check "$on: $what: $tool fix brings it back" is_fixed "$on" "$tool"
    done
    check "gateway: a foreign default route in a LAN's table: $ROUTING check names it and exits with 2" is_named \
        gateway "$ROUTING" 'LAN 2.*not ours' 'ip route prepend default via 198.18.1.1 dev enp7s3 table 101'
    check "gateway: $ROUTING fix does not touch it, and says so" leaves_foreign_route
    start_timers
    for name in gateway vps; do
        check "$name: all of these at once" breaks_all "$name"
        broken=$SECONDS
        for line in "${FAULTS[@]}"; do
            read_fault "$line"
            [[ $on == "$name" ]] || continue
            # The number of the tunnel is where its fault is named.
            i=$(grep -o '[1-6]' <<<"$words" | head -n 1)
            check "$name: $what: heals with nobody's help" \
                within $((UNAIDED_WITHIN_S > SECONDS - broken ? UNAIDED_WITHIN_S - (SECONDS - broken) : 1)) is_whole "$i"
        done
        check "$name: everything is well again" within 15 all_is_well
    done
}

# ---- wans -------------------------------------------------------------------------------------

readonly PULLED=4
OTHERS=()
for i in "${TEST_INSTANCES[@]}"; do ((i == PULLED)) || OTHERS+=("$i"); done
readonly OTHERS

is_expected_down() {
    local said status=0
    said=$(health "$gateway" check 2>&1) || status=$?
    echo "$said"
    ((status == 0)) || { echo "exit code $status: a WAN without carrier is no fault of the tunnel"; return 1; }
    grep -Eq "^$PULLED .* expected-down$" <<<"$said" || { echo "not said to be expected: $PULLED"; return 1; }
}

is_waiting() {
    local status
    status=$(status_of "$gateway" "$1")
    echo "$status"
    [[ $status == "waiting "* ]]
}

others_up() {
    local i
    for i in "${OTHERS[@]}"; do
        is_up "$gateway" "$i" && lan_answers "$i" || return 1
    done
}

# replug ADDRESS/LENGTH ROUTER: and how long it takes until all six are there again.
replug() { plug_wan "$PULLED" "$@" && within 5 six_of_six; }

step_wans() {
    local i wan
    wan=$(wan_of "$PULLED")
    check "before: six of six" within "$UP_WITHIN_S" six_of_six
    for i in "${OTHERS[@]}"; do start_ping "lan$i" "lan$i" "$INTERNET_HOST" 0.1; done
    start_lan_captures
    pull_wan "$PULLED"
    check "pulled: $wan has no carrier" within 2 lacks_carrier "$wan"
    check "pulled: tunnel $PULLED says that it waits for its WAN" within 15 is_waiting "$PULLED"
    check "pulled: the health check says that it is expected to be down" within 5 is_expected_down
    check "pulled: the five others are up" others_up
    check "pulled: nothing of LAN $PULLED leaves by another way" no_answer_and_no_leak "$PULLED"
    # Another provider's modem: another address, another router.
    check "plugged in with another address: six of six within 5 s" replug 198.19.4.77/24 198.19.4.1
    check "and everything is well" within 15 all_is_well
    stop_ping "${OTHERS[@]/#/lan}"
    stop_lan_captures
    check "the five others have lost no packet" lost_nothing "${OTHERS[@]/#/lan}"
    check "in all that time nothing has left a WAN in the clear" nothing_leaked
    pull_wan "$PULLED"
    check "pulled again" within 15 is_waiting "$PULLED"
    check "plugged in with its first address: six of six within 5 s" replug "198.18.$PULLED.2/24" "198.18.$PULLED.1"
    # What renews a lease also gives an address to an interface that never lost its carrier.
    check "another address without losing the carrier: six of six within 10 s" readdress 198.19.4.78/24 198.19.4.1
    check "and its first again: six of six within 10 s" readdress "198.18.$PULLED.2/24" "198.18.$PULLED.1"
    check "systemd-networkd restarts: no LAN loses a packet or leaks one" networkd_restarts
}

# When it starts, networkd removes rules and routes that it does not know, unless told not to.
networkd_restarts() {
    local i status=0
    start_lan_captures || return 1
    for i in "${TEST_INSTANCES[@]}"; do start_ping "lan$i" "lan$i" "$INTERNET_HOST" 0.1; done
    in_machine "$gateway" systemctl restart systemd-networkd.service || status=1
    sleep 2
    stop_ping lan{1..6}
    stop_lan_captures
    lost_nothing lan{1..6} || status=1
    nothing_leaked || status=1
    return "$status"
}

# The carrier stays; the old address may work for a moment, so wait for the new one first.
readdress() {
    plug_wan "$PULLED" "$@" && within 5 has_address "$1" && within 10 six_of_six
}
has_address() { ip -n "$(ns gateway)" -o addr show dev "$(wan_of "$PULLED")" | grep -qF " $1 "; }

# ---- reboot -----------------------------------------------------------------------------------

step_reboot() {
    check "the VPS reboots" reboot_machine vps wire_vps
    check "six of six are up with nobody's help" within "$UP_WITHIN_S" six_of_six
    check "the gateway reboots" reboot_machine gateway wire_gateway
    check "six of six are up with nobody's help" within "$UP_WITHIN_S" six_of_six
    check "everything is well" within 30 all_is_well
    local name
    for name in vps gateway; do check "$name: no unit has failed" no_failed_unit "$name"; done
}
