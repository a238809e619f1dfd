# shellcheck shell=bash disable=SC2154 # what the other files of the test set
# Steps of scripts/test-deploy.sh: machines, installing, upgrading, removing. Sourced by it.

declare -A files_before=()

# ---- machines ------------------------------------------------------------------------------

# make_gateway NAME RELEASE: a gateway that knows nothing of mpquic yet.
make_gateway() {
    new_machine "$1" "$2" "$(ns gateway)"
    configure_gateway "$1"
}

make_vps() {
    new_machine vps bookworm "$(ns vps)"
    configure_vps vps
}

wan_reaches_vps() { answers gateway "$VPS_ADDRESS" -I "$(wan_of "$1")"; }

step_machines() {
    make_vps
    make_gateway gateway bookworm
    check "the VPS boots" start_machine vps
    $CHECK_OK || die "nothing can be tested without it"
    check "the gateway boots" start_machine gateway
    $CHECK_OK || die "nothing can be tested without it"
    check "every WAN of the gateway reaches the VPS" within 15 for_all wan_reaches_vps
    check "no LAN reaches the Internet but by the gateway's own routing" within 5 for_all lan_answers
    for name in vps gateway; do
        check "$name: no unit has failed" no_failed_unit "$name"
        files_before[$name]=$(files_of "$name")
    done
}

# ---- install ----------------------------------------------------------------------------------

install_server() {
    in_machine_sh vps "tar xf mpquic-*.tar.gz; cd mpquic-*/; scripts/install_server.sh --address $VPS_ADDRESS"
}

install_client() {
    in_machine_sh "$gateway" "tar xf mpquic-*.tar.gz; cd mpquic-*/
        scripts/install_client.sh --credentials /root/client-credentials.tar --vps $VPS_ADDRESS"
}

# What an administrator does on a VPS besides: forwarding, and the example of a firewall.
open_vps() {
    in_machine_sh vps '
        echo net.ipv4.ip_forward=1 >/etc/sysctl.d/90-router.conf
        sysctl -q -p /etc/sysctl.d/90-router.conf
        cp /usr/share/mpquic/nftables/mpquic-vps.nft /etc/nftables.conf
        nft -c -f /etc/nftables.conf
        systemctl --quiet enable --now nftables.service'
}

step_install() {
    need_packages
    put_packages vps "$packages"
    put_packages gateway "$packages"
    check "install_server.sh on the VPS" install_server
    $CHECK_OK || die "nothing can be tested without it"
    check "the example of a firewall on the VPS" open_vps
    check "the VPS has credentials for its clients" carry_credentials gateway
    check "install_client.sh on the gateway" install_client
    $CHECK_OK || die "nothing can be tested without it"
    check "six of six tunnels are up" within "$UP_WITHIN_S" six_of_six
    $CHECK_OK || die "nothing can be tested without them"
    local name
    for name in vps gateway; do
        check "$name: six services and the health check's timer are active" \
            units_active "$name" mpquic@{1..6}.service mpquic-healthcheck.timer
        check "$name: no unit has failed" no_failed_unit "$name"
        check "$name: the health check finds nothing" health "$name" check
    done
    check "gateway: the timer of the routing check is active" units_active gateway mpquic-lan-routing.timer
    check "gateway: the routing check finds nothing" routing check
    check "installing again changes no running service" installs_again
}

installs_again() {
    local before after
    before=$(state_of gateway) || return 1
    install_client || return 1
    after=$(state_of gateway)
    diff <(echo "$before") <(echo "$after")
}

# ---- lan ---------------------------------------------------------------------------------------

readonly LAN_PINGS=10
# Each LAN pings with a size of its own, by which its packets are known inside QUIC.
ping_size() { echo $((500 + 50 * $1)); }

# The tunnel's packets with LAN I's pings on WAN J: outside its 28 bytes of IP and ICMP a
# ping has 28 of IP and UDP and between 18 and 50 of QUIC. Those that left in one batch are
# captured as one, before they are cut, of up to PINGS packets.
count_tunnelled() {
    local least=$(($(ping_size "$1") + 28 + 18)) pings=$3 n count=0
    for ((n = 1; n <= pings; n++)); do
        count=$((count + n * $(count_captured "wan$2" "udp dst port 4500$1 and \
            ip[2:2] >= $((28 + n * least)) and ip[2:2] <= $((28 + n * (least + 32)))")))
    done
    echo "$count"
}

lan_goes_its_own_way() {
    local i=$1 j wrong=0 count tunnelled
    in_ns "lan$i" ping -q -n -c "$LAN_PINGS" -i 0.05 -W 2 -s "$(ping_size "$i")" "$INTERNET_HOST" || wrong=1
    for j in "${TEST_INSTANCES[@]}"; do
        count=$(count_captured "mpq$j" "icmp and src host 172.16.$i.2")
        tunnelled=$(count_tunnelled "$i" "$j" $((j == i ? LAN_PINGS : 1)))
        echo "LAN $i: $count pings in mpq$j, $tunnelled tunnelled on WAN $j"
        if ((j == i)); then
            ((count == LAN_PINGS && tunnelled == LAN_PINGS)) || wrong=1
        else
            ((count == 0 && tunnelled == 0)) || wrong=1
        fi
    done
    return "$wrong"
}

# nothing_leaked: on no WAN is anything of the host or of a LAN to be seen in the clear.
nothing_leaked() {
    local i count leaked=0
    for i in "${TEST_INSTANCES[@]}"; do
        count=$(count_captured "wan$i" "icmp or host $INTERNET_HOST or net 172.16.0.0/16 or net 10.200.0.0/16")
        ((count == 0)) || { echo "$count packets on WAN $i"; leaked=1; }
    done
    return "$leaked"
}

arrived_from_vps() {
    local all
    all=$(count_captured vps "icmp[icmptype] == icmp-echo and src host $VPS_ADDRESS and dst host $INTERNET_HOST")
    echo "$all pings came from $VPS_ADDRESS"
    ((all == LAN_PINGS * ${#TEST_INSTANCES[@]}))
}

start_lan_captures() {
    local i
    start_capture vps net vps0 || return 1
    for i in "${TEST_INSTANCES[@]}"; do
        start_capture "wan$i" net "wan$i" || return 1
        start_capture "mpq$i" gateway "mpq$i" || return 1
    done
}
stop_lan_captures() { stop_capture vps wan{1..6} mpq{1..6}; }

tcp_through_lan() {
    local port=5201 server status=0
    ip netns exec "$(ns net)" iperf3 -s -1 -B "$INTERNET_HOST" -p "$port" >"$MEASURED/iperf-server.log" 2>&1 </dev/null &
    server=$!
    within 5 in_ns net ss -Hltn "sport = :$port" >/dev/null
    in_ns lan1 timeout 20 iperf3 --connect-timeout 3000 -c "$INTERNET_HOST" -p "$port" -t 2 -f m || status=$?
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    return "$status"
}

no_answer_and_no_leak() {
    local i=$1 answered=0
    if in_ns "lan$i" ping -n -c 5 -i 0.2 -W 1 "$INTERNET_HOST"; then
        echo "LAN $i has reached the Internet without its tunnel"
        answered=1
    fi
    nothing_leaked && ((answered == 0))
}

step_lan() {
    local i
    start_lan_captures
    for i in "${TEST_INSTANCES[@]}"; do
        check "LAN $i goes through mpq$i and WAN $i, and nothing of it through the others" lan_goes_its_own_way "$i"
    done
    check "the Internet sees all of it come from the VPS" arrived_from_vps
    check "nothing leaves a WAN in the clear" nothing_leaked
    check "TCP through LAN 1" tcp_through_lan
    stop_lan_captures
    stop_timers
    in_machine gateway systemctl stop mpquic@2.service
    start_lan_captures
    check "LAN 2 has no way but its tunnel: with that stopped, nothing leaves" no_answer_and_no_leak 2
    check "what is done about it opens no other way" routing_fix_opens_nothing 2
    stop_lan_captures
    in_machine gateway systemctl start mpquic@2.service
    start_timers
    check "started again, six of six are up" within "$UP_WITHIN_S" six_of_six
}

# With a tunnel stopped on purpose the routing check may find what it likes; it must not let the LAN out.
routing_fix_opens_nothing() { routing fix || true; no_answer_and_no_leak "$1"; }

# ---- security -------------------------------------------------------------------------------

exposure_at_most() {
    local limit=$1 exposure
    exposure=$(in_machine "$gateway" systemd-analyze security --no-pager "mpquic@1.service" |
        sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
    echo "exposure level: $exposure"
    awk -v is="$exposure" -v limit="$limit" 'BEGIN { exit !(is != "" && is <= limit) }'
}

verify_is_silent() {
    local said
    said=$(in_machine "$1" systemd-analyze verify --man=no mpquic@1.service mpquic-healthcheck.{service,timer} \
        mpquic-lan-routing.{service,timer} 2>&1) || { echo "$said"; return 1; }
    [[ -z $said ]] || { echo "$said"; return 1; }
}

step_security() {
    check "systemd-analyze security: mpquic@1 at most 2.5" exposure_at_most 2.5
    check "systemd-analyze verify says nothing" verify_is_silent "$gateway"
    if have lintian; then
        check "lintian finds no error in the .deb" lintian --fail-on error "$(the_file "$packages" 'mpquic_*.deb')"
    else
        warn "no lintian here: the .deb is not checked by it"
    fi
}

# ---- upgrade --------------------------------------------------------------------------------

readonly DOWN_AT_MOST_MS=2000

# watch_tunnels COMMAND...: pings through each tunnel meanwhile.
start_tunnel_pings() {
    local i
    for i in "${TEST_INSTANCES[@]}"; do start_ping "tunnel$i" gateway "10.200.$i.2" 0.05; done
    sleep 1
}

upgraded_to() { names "$2" in_machine "$1" mpquic --version; }

step_upgrade() {
    local name
    need_newer_packages
    for name in vps gateway; do
        put_packages "$name" "$newer"
        start_tunnel_pings
        if [[ $name == vps ]]; then
            check "upgrading the VPS" install_server
        else
            check "upgrading the gateway" install_client
        fi
        sleep 5
        stop_ping tunnel{1..6}
        check "$name: no tunnel was down for more than $DOWN_AT_MOST_MS ms" \
            was_down_at_most "$DOWN_AT_MOST_MS" tunnel{1..6}
        check "$name runs the newer version" upgraded_to "$name" 999
    done
    check "six of six are up" within "$UP_WITHIN_S" six_of_six
    check "everything is well" within 10 all_is_well
}

# ---- debian13 -------------------------------------------------------------------------------

install_deb() {
    in_machine_sh "$gateway" "apt-get install -y ./mpquic_*.deb
        mpquic-install-client --credentials /root/client-credentials.tar --vps $VPS_ADDRESS"
}

step_debian13() {
    check "the Debian 12 gateway powers off" stop_machine gateway
    wire_gateway
    make_gateway trixie trixie
    check "a Debian 13 gateway boots" start_machine trixie
    put_packages trixie "$packages"
    carry_credentials trixie
    files_before[trixie]=$(files_of trixie)
    check "apt installs the .deb, and mpquic-install-client its configuration" install_deb
    check "six of six tunnels are up" within "$UP_WITHIN_S" six_of_six
    check "everything is well" within 10 all_is_well
    check "no unit has failed" no_failed_unit trixie
    check "systemd-analyze security: mpquic@1 at most 2.5" exposure_at_most 2.5
    check "systemd-analyze verify says nothing" verify_is_silent trixie
    check "apt purges it" in_machine_sh trixie 'apt-get purge -y mpquic'
    check "nothing is left of it" left_nothing trixie
    check "the Debian 13 gateway powers off" stop_machine trixie
    remove_machine trixie
    wire_gateway
    gateway=gateway
    check "the Debian 12 gateway boots again" start_machine gateway
    check "six of six are up" within "$UP_WITHIN_S" six_of_six
}

# ---- uninstall ------------------------------------------------------------------------------

# What stays without --purge: configuration that was edited, keys, and the authority that signed them.
readonly OPERATORS_FILES='^/etc/mpquic(/|$)|^/var/lib/mpquic(/authority(/|$)|$)'

# left_nothing MACHINE [PATTERN]: no file that was not there before mpquic, unless its path
# has the extended pattern; and no unit, interface, rule or route of mpquic. The system user
# stays, as Debian's policy has it.
left_nothing() {
    local left kernel
    left=$(comm -13 <(echo "${files_before[$1]}") <(files_of "$1") | grep -Ev "${2:-^$}" |
        grep -vxF -e /etc/sysctl.d/90-router.conf -e /etc/systemd/system/sysinit.target.wants/nftables.service || true)
    [[ -z $left ]] || { echo "files that were not there before:"; echo "$left"; }
    kernel=$(in_machine_sh "$1" "ip -o link | grep -E ' mpq[0-9]' || true
        ip rule | grep -E 'proto(col)? $ROUTE_PROTOCOL' || true; ip route show table all proto $ROUTE_PROTOCOL
        systemctl list-units --all --plain --no-legend 'mpquic*'")
    [[ -z $kernel ]] || { echo "not files:"; echo "$kernel"; }
    [[ -z $left && -z $kernel ]]
}

step_uninstall() {
    local name
    for name in gateway vps; do
        check "$name: uninstall.sh" in_machine_sh "$name" '/usr/lib/mpquic/scripts/uninstall.sh'
        check "$name: nothing is left but the operator's files" left_nothing "$name" "$OPERATORS_FILES"
    done
    check "the LANs reach the Internet as they did before" within 10 for_all lan_answers
}

# ---- manual ---------------------------------------------------------------------------------

# Before a block for the gateway is run, it has what a reader would have carried there.
bring_credentials() {
    if [[ $1 == gateway && -f $(machine_root vps)/var/lib/mpquic/client-credentials.tar ]]; then
        carry_credentials gateway
    fi
}

step_manual() {
    local name manual=$MPQUIC_HOME/docs/operations.md
    check "docs/operations.md is there" test -f "$manual"
    $CHECK_OK || return 0
    need_packages
    for name in gateway vps; do remove_machine "$name"; done
    wire_vps
    wire_gateway
    make_vps
    make_gateway gateway bookworm
    for name in vps gateway; do
        check "$name: a new machine boots" start_machine "$name"
        put_packages "$name" "$packages"
    done
    check "every WAN of the gateway reaches the VPS" within 15 for_all wan_reaches_vps
    check_manual "$manual" bring_credentials
}
