#!/usr/bin/env bash
# ensure_tun.sh: makes a persistent TUN device, or mends what is wrong with it.
#
# Usage: ensure_tun.sh [--check] NAME CIDR [MTU]
#
#   NAME      the device, such as mpq1
#   CIDR      its IPv4 address with prefix length, such as 10.200.1.1/30
#   MTU       576 to 65535 (default 1300)
#   --check   only say what is wrong; needs no rights
#
# Afterwards NAME is a persistent TUN device with one queue and no packet
# information, which the daemon's user may open; CIDR is its only IPv4 address
# (IPv6 ones are left alone); it is up, with its MTU and a loose reverse path
# filter (rp_filter 2). Run it as often as you like, also while the daemon has the
# device open: it touches only what is wrong, and prints what it changed.
#
# The kernel cannot change the kind of a device or its owner, so a wrong one is
# deleted and made anew. The routes by it go with it, and all but our own stay
# away. While a program has it open that is not done: exit code 3.
#
# Environment:
#   MPQUIC_USER   the owner (default mpquic)
#   TUN_ROUTES    networks behind the peer, separated by blanks: a route to each by
#                 NAME is added to the main table (protocol 145). Those that an
#                 earlier run added and that are no longer named are removed. When
#                 it is not set at all, routes are left as they are. A network that
#                 is routed by another device already is left so, with a warning.
#
# Exit codes: 0 the device is as it should be; 1 usage, or it cannot be done here
# (rights, no such user, no /dev/net/tun); 2 something is still wrong (--check:
# something is wrong, one line each); 3 NAME is another kind of device, or in use
# with flags or an owner that can only be changed when it is not.
# shellcheck source=deploy-lib.sh
. "$(dirname "$(readlink -f "$0")")/deploy-lib.sh"

check_only=false
case ${1:-} in
    --check) check_only=true; shift ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    -*) die "unknown option: $1 (try --help)" ;;
esac
(($# == 2 || $# == 3)) || die "give NAME CIDR [MTU], such as: mpq1 10.200.1.1/30 1300 (try --help)"
name=$1 cidr=$2 mtu=${3:-1300}
is_interface_name "$name" || die "\"$name\" cannot be the name of a device: at most 15 characters, none of them a blank, / or :"
ipv4_network "$cidr" || die "\"$cidr\" is not an IPv4 address with prefix length, such as 10.200.1.1/30"
if ! [[ $mtu =~ ^[1-9][0-9]{2,4}$ ]] || ((mtu < 576 || mtu > 65535)); then die "the MTU \"$mtu\" is not a number from 576 to 65535"; fi
$check_only || is_root || die "only root can make a TUN device (--check needs no rights)"
uid=$(id -u "$MPQUIC_USER" 2>/dev/null) ||
    die "there is no user $MPQUIC_USER to own $name: make it with systemd-sysusers, or set MPQUIC_USER"

wrong=0 changed=0

# mend WRONG DONE COMMAND...: does it and says that it is DONE; with --check only says what is WRONG.
mend() {
    local is_wrong=$1 is_done=$2 answer
    shift 2
    if $check_only; then
        printf '%s: %s\n' "$name" "$is_wrong"
        wrong=$((wrong + 1))
    elif answer=$("$@" 2>&1); then
        printf '%s: %s\n' "$name" "$is_done"
        changed=$((changed + 1))
    else
        printf 'ERROR: %s: %s, which cannot be mended: %s\n' "$name" "$is_wrong" "${answer:-$*}" >&2
        wrong=$((wrong + 1))
    fi
}

# What makes the device one that the daemon cannot open, into REPLY; empty if nothing does.
# Fails if it is not there. KIND is tun, tap, or empty for a device of another sort.
wrong_kind() {
    local line owner group
    line=$(ip -d -o link show dev "$name" 2>/dev/null) || return 1
    FLAGS=${line#*<} FLAGS=,${FLAGS%%>*}, KIND='' QUEUES='' REPLY=''
    if ! [[ $line =~ \ tun\ type\ (tun|tap)\ pi\ (on|off)\ vnet_hdr\ o[nf]+(\ multi_queue)?.*\ persist\ (on|off)(\ user\ ([^ ]+))?(\ group\ ([^ ]+))? ]]; then
        REPLY="is not a TUN device"
        return
    fi
    # Whether offload headers (vnet_hdr) are on does not matter: the daemon says anew what it wants when it opens the device.
    KIND=${BASH_REMATCH[1]} QUEUES=${BASH_REMATCH[3]# } owner=${BASH_REMATCH[6]} group=${BASH_REMATCH[8]}
    if [[ $KIND == tap ]]; then
        REPLY="is a TAP device"
    elif [[ -n $QUEUES ]]; then
        REPLY="has several queues (multi_queue)"
    elif [[ ${BASH_REMATCH[2]} == on ]]; then
        REPLY="has packet information (pi)"
    elif [[ ${BASH_REMATCH[4]} == off ]]; then
        REPLY="is not persistent"
    elif [[ $owner != "$MPQUIC_USER" && $owner != "$uid" ]]; then
        REPLY="belongs to ${owner:-nobody}, not to $MPQUIC_USER"
    elif [[ -n $group ]]; then
        REPLY="is tied to the group $group"
    fi
}

make_device() { ip tuntap add dev "$name" mode tun user "$uid"; }

# Not "ip link del", which would take the device from under a program that has it open.
make_device_anew() {
    # shellcheck disable=SC2086 # QUEUES is one word or none
    ip tuntap del dev "$name" mode "$KIND" $QUEUES && make_device
}

ensure_kind() {
    if ! wrong_kind; then
        $check_only || [[ -c /dev/net/tun ]] || die "there is no /dev/net/tun: load the module with: modprobe tun"
        mend "is absent" "made" make_device
        return
    fi
    [[ -n $REPLY ]] || return 0
    if $check_only; then
        mend "$REPLY" ""
        return
    fi
    local why=$REPLY
    if [[ -z $KIND ]]; then
        printf 'ERROR: %s\n' "$name $why. It is left alone: delete it, or give the tunnel another name (TUN_NAME, tun_name)" >&2
        exit 3
    fi
    # Only a device that is up tells whether a program has it open: then it has a carrier.
    if [[ $FLAGS != *,UP,* ]]; then
        if ip link set dev "$name" up; then wrong_kind || true; fi
    fi
    if [[ $FLAGS == *,LOWER_UP,* ]]; then
        printf 'ERROR: %s\n' "$name $why, and is in use, so that it cannot be made anew. Stop the program that has it open (systemctl stop mpquic@N) and run this again" >&2
        exit 3
    fi
    mend "$why" "made anew, because it $why" make_device_anew
}

ipv4_addresses() { ip -o -4 addr show dev "$name" 2>/dev/null | sed -n 's/^.* inet \(.*\)$/\1/p' | sed 's/ \(brd\|scope\|metric\) .*//'; }

ensure_address() {
    local address round
    # The right one comes first: a device that loses its last address loses its routes. It is
    # looked for again afterwards, because the kernel may have taken it away with a wrong one.
    for round in 1 2; do
        if ! ipv4_addresses | grep -qxF "$cidr"; then
            mend "has not the address $cidr" "added the address $cidr" ip addr add "$cidr" dev "$name"
        fi
        ((round == 1)) || break
        while read -r address; do
            [[ $address != "$cidr" ]] || continue
            # shellcheck disable=SC2086 # an address may be "A peer B"
            mend "has the address $address, should be $cidr" "removed the address $address" ip addr del $address dev "$name"
        done < <(ipv4_addresses)
        $check_only && break
    done
}

ensure_link() {
    local line filter=/proc/sys/net/ipv4/conf/$name/rp_filter
    line=$(ip -o link show dev "$name")
    if ! [[ $line =~ \ mtu\ ([0-9]+) ]] || ((BASH_REMATCH[1] != mtu)); then
        mend "has MTU ${BASH_REMATCH[1]}, should be $mtu" "changed the MTU from ${BASH_REMATCH[1]} to $mtu" ip link set dev "$name" mtu "$mtu"
    fi
    if ! [[ $line =~ [\<,]UP[\>,] ]]; then
        mend "is down" "brought up" ip link set dev "$name" up
    fi
    # Answers may come in by another device than a route back to their source would take.
    if [[ -r $filter && $(<"$filter") != 2 ]]; then
        mend "has rp_filter $(<"$filter"), should be 2" "changed rp_filter from $(<"$filter") to 2" write_file "$filter" 2
    fi
}

write_file() { printf '%s\n' "$2" >"$1"; }

ensure_routes() {
    [[ -v TUN_ROUTES ]] || return 0
    local network family there line
    local -A wanted=()
    local -a networks
    read -ra networks <<<"$TUN_ROUTES"
    for network in ${networks[@]+"${networks[@]}"}; do
        family=-4
        [[ $network != *:* ]] || family=-6
        wanted[${network%/32}]=1
        if ! there=$(ip -N "$family" -o route show exact "$network" table main 2>&1); then
            printf 'ERROR: %s\n' "TUN_ROUTES: \"$network\" is not a network, such as 172.16.1.0/30: $there" >&2
            wrong=$((wrong + 1))
        elif [[ -z $there ]]; then
            mend "has not the route $network" "added the route $network" \
                ip "$family" route add "$network" dev "$name" proto "$OUR_PROTOCOL"
        elif [[ "$there " != *" dev $name "* ]]; then
            if $check_only; then
                mend "the route to $network goes elsewhere (${there% }): remove it, or take the network out of TUN_ROUTES" ""
            else
                warn "$name: the route to $network goes elsewhere and is left so: ${there% }. Remove it, or take the network out of TUN_ROUTES"
            fi
        fi
    done
    for family in -4 -6; do
        while read -r network line; do
            [[ -n ${wanted[$network]:-} ]] ||
                mend "has the route $network, which TUN_ROUTES does not name" "removed the route $network" \
                    ip "$family" route del "$network" dev "$name" proto "$OUR_PROTOCOL"
        done < <(ip -N "$family" -o route show dev "$name" proto "$OUR_PROTOCOL" table main 2>/dev/null)
    done
}

if ! $check_only; then
    # The service and the health check may both find it wrong at the same moment.
    take_lock "tun-$name" 10 || die "another ensure_tun.sh has been at $name for 10 s"
fi
ensure_kind
if ((wrong == 0)) || $check_only; then
    if ip link show dev "$name" >/dev/null 2>&1; then
        ensure_address
        ensure_link
        ensure_routes
    fi
fi
((wrong == 0)) || exit 2
$check_only || ((changed > 0)) || echo "$name: nothing changed"
