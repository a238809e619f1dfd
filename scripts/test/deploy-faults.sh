# shellcheck shell=bash disable=SC2154 # what the other files of the test set
# Steps of scripts/test-deploy.sh: everything that goes wrong by itself. Sourced by it.

readonly FIXED_WITHIN_S=20 UNAIDED_WITHIN_S=60

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

readonly HEALTH=mpquic-healthcheck ROUTING=mpquic-lan-routing-check
# Of each fault: where, which check has to name it, by what words, and what breaks it.
readonly FAULTS=(
    "a daemon is killed         |gateway|$HEALTH |mpquic@2|mpq2    |kill -KILL $(main_pid 2)"
    "a daemon is frozen         |gateway|$HEALTH |mpquic@3|mpq3    |kill -STOP $(main_pid 3)"
    "a TUN is deleted           |gateway|$HEALTH |mpquic@4|mpq4    |ip link delete mpq4"
    "a TUN is deleted           |gateway|$ROUTING|mpq5             |ip link delete mpq5"
    "a TUN is down              |gateway|$HEALTH |mpquic@6|mpq6    |ip link set mpq6 down"
    "a LAN's table is flushed   |gateway|$ROUTING|wan5|104         |ip route flush table 104"
    "a LAN's rule is dropped    |gateway|$ROUTING|172\.16\.6\.0/30 |ip rule del from 172.16.6.0/30"
    "a daemon is killed         |vps    |$HEALTH |mpquic@1|mpq1    |kill -KILL $(main_pid 1)"
    "a daemon is frozen         |vps    |$HEALTH |mpquic@2|mpq2    |kill -STOP $(main_pid 2)"
    "a TUN is deleted           |vps    |$HEALTH |mpquic@3|mpq3    |ip link delete mpq3"
    "the route to a LAN is lost |vps    |$HEALTH |172\.16\.4\.0/30 |ip route del 172.16.4.0/30"
)

# read_fault LINE: into the variables of its caller. The words are an extended pattern
# and have bars of their own, so the fields are taken from both ends.
read_fault() {
    local rest=$1
    what=${rest%%|*} rest=${rest#*|}
    on=${rest%%|*} rest=${rest#*|}
    tool=${rest%%|*} rest=${rest#*|}
    breaks=${rest##*|}
    words=${rest%|*}
    what=$(trim "$what") on=$(trim "$on") tool=$(trim "$tool") words=$(trim "$words")
}
trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }

# is_named MACHINE TOOL WORDS BREAKS: breaks it, and looks at once: systemd is quick.
is_named() {
    local said status=0
    said=$(in_machine_sh "$1" "$4; $2 check" 2>&1) || status=$?
    echo "$said"
    ((status == 2)) || { echo "exit code $status instead of 2"; return 1; }
    grep -Eq -- "$3" <<<"$said" || { echo "not named: $3"; return 1; }
}

is_fixed() { in_machine "$1" "$2" fix && within "$FIXED_WITHIN_S" all_is_well; }

heals_unaided() { in_machine_sh "$1" "$2" && within "$UNAIDED_WITHIN_S" all_is_well; }

step_faults() {
    local line what on tool words breaks
    stop_timers
    for line in "${FAULTS[@]}"; do
        read_fault "$line"
        check "$on: $what: $tool check names it and exits with 2" is_named "$on" "$tool" "$words" "$breaks"
        check "$on: $what: $tool fix brings it back" is_fixed "$on" "$tool"
    done
    start_timers
    for line in "${FAULTS[@]}"; do
        read_fault "$line"
        check "$on: $what ($breaks): heals with nobody's help" heals_unaided "$on" "$breaks"
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
    grep -E "mpq(uic@)?$PULLED" <<<"$said" | grep -qi expected || { echo "not said to be expected: $PULLED"; return 1; }
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
    stop_lan_captures
    # Another provider's modem: another address, another router.
    check "plugged in with another address: six of six within 5 s" replug 198.19.4.77/24 198.19.4.1
    check "and everything is well" within 15 all_is_well
    stop_ping "${OTHERS[@]/#/lan}"
    check "the five others have lost no packet" lost_nothing "${OTHERS[@]/#/lan}"
    pull_wan "$PULLED"
    check "pulled again" within 15 is_waiting "$PULLED"
    check "plugged in with its first address: six of six within 5 s" replug "198.18.$PULLED.2/24" "198.18.$PULLED.1"
    # What renews a lease also gives an address to an interface that never lost its carrier.
    check "another address without losing the carrier: six of six within 10 s" readdress 198.19.4.78/24 198.19.4.1
    check "and its first again: six of six within 10 s" readdress "198.18.$PULLED.2/24" "198.18.$PULLED.1"
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
