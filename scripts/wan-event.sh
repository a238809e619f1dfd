#!/usr/bin/env bash
# wan-event.sh: puts the routes right as soon as a WAN has changed.
#
# Usage: wan-event.sh [IFACE]
#
# Called by the hooks of networkd-dispatcher and ifupdown, with the device's name
# as argument or in the environment variable IFACE. When it is the WAN_DEVICE of
# an instance, the LAN routing of that instance is mended at once. All other
# devices are none of its business. It does not wait for a session: that is left to
# mpquic-lan-routing-soon.service, which it starts where the routing has its timer.
#
# What was done or went wrong goes to the journal (journalctl -t mpquic).
#
# Exit code: always 0, because a hook that fails stops the hooks of others.
# shellcheck source=deploy-lib.sh
. "$(dirname "$(readlink -f "$0")")/deploy-lib.sh"

# Hooks are run one after the other: whoever comes next waits for this one.
readonly PATIENCE_S=5

# main IFACE
main() {
    local iface=$1 file name instances=() here output status=0
    for file in "$MPQUIC_ETC"/instances/*.env; do
        name=${file##*/} name=${name%.env}
        [[ $name == [1-6] && -r $file ]] || continue
        local -A instance=()
        read_env "$file" instance
        # A server has no WAN of its own, and no LANs.
        if [[ ${instance[WAN_DEVICE]:-} == "$iface" ]]; then instances+=("$name"); fi
    done
    ((${#instances[@]} > 0)) || return 0
    # Nobody has asked for it (install_client.sh --no-lan-routing).
    systemctl --quiet is-enabled mpquic-lan-routing.timer 2>/dev/null || return 0
    here=$(dirname "$(readlink -f "$0")")
    output=$(timeout -k 1 "$PATIENCE_S" "$here/mpquic-lan-routing-check.sh" fix --quiet "${instances[@]}" 2>&1) || status=$?
    if ((status != 0 && status != 2)) && [[ -z $output ]]; then
        output="LAN routing could not be mended within $PATIENCE_S s (exit code $status)"
    fi
    if systemctl --quiet is-active mpquic-lan-routing.timer 2>/dev/null; then
        systemctl --no-block start mpquic-lan-routing-soon.service 2>/dev/null || true
    fi
    [[ -z $output ]] || logger -t mpquic -- "$iface has changed: $output" || true
}

iface=${1:-${IFACE:-}}
case $iface in
    -h | --help) print_manual "$0" ;;
    # ifupdown says --all for "ifup -a".
    '' | lo | -*) ;;
    *) main "$iface" || true ;;
esac
exit 0
