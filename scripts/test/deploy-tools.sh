# shellcheck shell=bash disable=SC2154 # what the other files of the test set
# Step "tools" of scripts/test-deploy.sh: the test's own tools, on machines without
# mpquic. If these checks fail, those after them say nothing about mpquic. Sourced by it.

captures_tell_wans_apart() {
    local of_one of_two
    start_capture tool1 net wan1 icmp && start_capture tool2 net wan2 icmp || return 1
    in_ns gateway ping -q -n -c 5 -i 0.05 -I "$(wan_of 1)" "$VPS_ADDRESS"
    stop_capture tool1 tool2
    of_one=$(count_captured tool1 "icmp[icmptype] == icmp-echo") of_two=$(count_captured tool2)
    echo "$of_one on WAN 1, $of_two on WAN 2"
    ((of_one == 5 && of_two == 0))
}

# A silence of known length: for a second the Internet drops what comes by WAN 1.
pings_measure_silence() {
    local sent lost gap
    start_ping tool1 gateway "$VPS_ADDRESS" 0.05 -I "$(wan_of 1)"
    start_ping tool2 gateway "$VPS_ADDRESS" 0.05 -I "$(wan_of 2)"
    sleep 0.5
    in_ns net nft 'add table ip silence
        add chain ip silence forward { type filter hook forward priority 0; }
        add rule ip silence forward iifname "wan1" drop' || return 1
    sleep 1
    in_ns net nft delete table ip silence || return 1
    sleep 1
    stop_ping tool1 tool2
    lost_nothing tool2 || return 1
    ! lost_nothing tool1 || return 1
    read -r sent lost gap < <(ping_result tool1)
    # What this machine was busy with may make it longer, but not much shorter.
    ((gap >= 950 && gap <= 2000 && lost >= 15 && lost <= gap / 50 && sent > 2 * lost))
}

pulling_one_leaves_others() {
    start_ping tool2 lan2 172.16.2.1 0.05
    start_ping tool3 gateway "$VPS_ADDRESS" 0.05 -I "$(wan_of 3)"
    pull_wan 1
    within 2 lacks_carrier "$(wan_of 1)" || return 1
    ! wan_reaches_vps 1 || { echo "it still reaches the VPS"; return 1; }
    has_carrier "$(wan_of 2)" || return 1
    plug_wan 1 && within 5 wan_reaches_vps 1 || return 1
    stop_ping tool2 tool3
    lost_nothing tool2 tool3
}

another_address_reaches_vps() {
    pull_wan 6
    plug_wan 6 198.19.6.9/24 198.19.6.1 || return 1
    start_capture tool6 net wan6 icmp and src host 198.19.6.9 || return 1
    within 5 answers gateway "$VPS_ADDRESS" -I "$(wan_of 6)" || return 1
    stop_capture tool6
    (($(count_captured tool6) > 0)) || { echo "not by its new address"; return 1; }
    pull_wan 6
    plug_wan 6 && within 5 wan_reaches_vps 6
}

reboot_forgets() {
    local boot left
    boot=$(in_machine gateway cat /proc/sys/kernel/random/boot_id)
    in_machine_sh gateway 'ip tuntap add dev tool0 mode tun; ip rule add from 192.0.2.77 lookup 777; nft add table ip tool
        touch /run/tool /root/tool; echo net.ipv4.ip_forward; sysctl -n net.ipv4.ip_forward' || return 1
    reboot_machine gateway wire_gateway || return 1
    left=$(in_machine_sh gateway 'ip -o link show tool0; ip rule | grep 192.0.2.77; nft list tables | grep tool; ls /run/tool' 2>/dev/null) || true
    [[ -z $left ]] || { echo "still there: $left"; return 1; }
    in_machine gateway rm /root/tool || return 1
    [[ $boot != "$(in_machine gateway cat /proc/sys/kernel/random/boot_id)" ]] || { echo "the same boot"; return 1; }
    within 15 for_all wan_reaches_vps && for_all lan_answers
}

readonly STAND_IN='[Service]
Type=notify
NotifyAccess=all
WatchdogSec=2
Restart=always
RestartSec=0
DynamicUser=yes
LogNamespace=tool
ExecStart=/bin/bash -c "exec 3<>/dev/net/tun && systemd-notify --ready --status=\"up tool\"; while sleep 0.5; do systemd-notify WATCHDOG=1; done"
'

watchdog_restarts_frozen() {
    local root
    root=$(machine_root gateway)
    printf '%s' "$STAND_IN" >"$root/run-tool.service"
    # shellcheck disable=SC2016 # the machine's shell fills them in
    in_machine_sh gateway 'mv /run-tool.service /run/systemd/system/tool.service
        systemctl daemon-reload
        systemctl start tool.service
        [[ $(systemctl show --property StatusText --value tool) == "up tool" ]]
        kill -STOP $(systemctl show --property MainPID --value tool)' || return 1
    within 15 was_restarted || return 1
    in_machine_sh gateway 'journalctl --quiet --namespace=tool -n 1; systemctl stop tool.service systemd-journald@tool.service
        rm /run/systemd/system/tool.service; systemctl daemon-reload; rm -rf /var/log/journal/*.tool'
}
was_restarted() { [[ $(in_machine gateway systemctl show --property NRestarts --value tool) == 1 ]]; }

step_tools() {
    check "a capture tells the WANs apart" captures_tell_wans_apart
    check "pings measure a second's silence of a WAN, and none of another" pings_measure_silence
    check "a WAN can be pulled and plugged in again, and the others lose nothing" pulling_one_leaves_others
    check "a WAN that is plugged in with another address reaches the VPS by it" another_address_reaches_vps
    check "a reboot loses what a reboot loses, and nothing else" reboot_forgets
    check "a frozen service is restarted by systemd's watchdog" watchdog_restarts_frozen
    check "gateway: no unit has failed" no_failed_unit gateway
}
