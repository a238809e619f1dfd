#!/usr/bin/env bash
# mpquic-lan-routing-check.sh: whether each LAN of the gateway goes by its tunnel,
# and by nothing else.
#
# Usage: mpquic-lan-routing-check.sh check|fix [--quiet] [1..6|all]...
#
#   check     names each fault in one line; changes nothing, needs no rights
#   fix       adds what is missing and mends what is ours, says so, and names what is left
#   --quiet   prints only what was changed, and faults that the last --quiet run did not name
#   1..6      this LAN (several: 1 3 5). Default all: those whose tunnel is installed
#             (/etc/mpquic/instances/N.env), or all six when none is
#
# LAN i has a rule "from its subnet lookup table wan{i}", and in that table: a
# default route by mpq{i} while tunnel i is up, a blackhole behind it, a throw route
# for the LAN's own subnet, and the address of the VPS by the gateway of WAN i.
# /etc/mpquic/lan-routing.conf says all this otherwise; its comments tell how.
#
# Ours are the routes and rules with protocol number 145. Those of others are never
# touched. Where one of them is in the way, that is a fault and its line says what to
# do. A WAN that is absent, without carrier or without address is none: nothing can
# be routed by it, and its LAN's packets fall into the blackhole.
#
# Exit codes: 0 all is right; 2 faults (fix: that are left); 1 usage, a wrong
# configuration file, or it cannot be done here.
# shellcheck source=deploy-lib.sh
. "$(dirname "$(readlink -f "$0")")/deploy-lib.sh"

MPQUIC_LEASES=${MPQUIC_LEASES:-/run/systemd/netif/leases}
# Where iproute2 has the names of tables; what the administrator wrote comes first.
MPQUIC_RT_TABLES=${MPQUIC_RT_TABLES:-/etc/iproute2 /usr/share/iproute2}
readonly CONFIG=$MPQUIC_ETC/lan-routing.conf GLOBAL=$MPQUIC_ETC/global.env
# The last of all metrics: whatever else is in the table comes before the blackhole.
readonly FLOOR_METRIC=4294967295
# A name is looked up no more often than this, and not waited for longer than that.
readonly NAME_IS_FRESH_S=60 LOOKUP_S=3

action='' quiet=false chosen=()
while (($# > 0)); do
    case $1 in
        check | fix) [[ -z $action ]] || die "give one of check and fix"; action=$1 ;;
        --quiet) quiet=true ;;
        [1-6]) chosen+=("$1") ;;
        all) chosen=() ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: \"$1\": give check or fix, and 1 to 6 or all (try --help)" ;;
    esac
    shift
done
[[ -n $action ]] || die "say what to do: check or fix (try --help)"
[[ $action == check ]] || is_root || die "only root can fix routes (check needs no rights)"

# ---- The configuration --------------------------------------------------------------

declare -A global=() value=() value_at=() table_number=()
# By LAN, 1 to 6.
subnet=() table=() table_name=() tun=() wan=() gateway=() priority=()
config_errors=0
lans=()

# config_error WHERE MESSAGE
config_error() {
    printf 'ERROR: %s: %s\n' "$1" "$2" >&2
    config_errors=$((config_errors + 1))
}

read_table_names() {
    local folder file number name
    for folder in $MPQUIC_RT_TABLES; do
        for file in "$folder"/rt_tables "$folder"/rt_tables.d/*.conf; do
            [[ -r $file ]] || continue
            while read -r number name _; do
                [[ $number =~ ^(0x[0-9a-fA-F]+|[0-9]+)$ && -n $name ]] || continue
                [[ -n ${table_number[$name]:-} ]] || table_number[$name]=$((number))
            done <"$file"
        done
    done
}

read_config() {
    local line number=0 key
    [[ -e $CONFIG ]] || return 0
    [[ -r $CONFIG ]] || die "$CONFIG cannot be read"
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        line=${line%$'\r'}
        if [[ $line =~ ^[[:space:]]*(#.*)?$ ]]; then
            continue
        elif ! [[ $line =~ ^[[:space:]]*([A-Za-z0-9_]+)=(.*)$ ]]; then
            config_error "$CONFIG, line $number" "\"$line\" is not KEY=VALUE, such as LAN_1_SUBNET=172.16.1.0/30"
            continue
        fi
        key=${BASH_REMATCH[1]}
        unquote "${BASH_REMATCH[2]}"
        if ! [[ $key =~ ^LAN_[1-6]_(SUBNET|TABLE|TUN|WAN|GATEWAY|RULE_PRIORITY)$ ]]; then
            config_error "$CONFIG, line $number" "unknown key $key: a key is LAN_N_ with N from 1 to 6, and SUBNET, TABLE, TUN, WAN, GATEWAY or RULE_PRIORITY"
        elif [[ -n ${value_at[$key]:-} ]]; then
            config_error "${value_at[$key]} and $number" "$key is there twice: remove one"
        else
            value[$key]=$REPLY value_at[$key]="$CONFIG, line $number"
        fi
    done <"$CONFIG"
}

# bad KEY VALUE WHAT: the value of KEY is wrong, and what would be right.
bad() { config_error "${value_at[$1]:-"$CONFIG, which has no line for it"}" "$1=$2: $3"; }

# settle_lan I: its values, from the file, from its tunnel's environment or by default.
settle_lan() {
    local i=$1 key env=$MPQUIC_ETC/instances/$1.env
    local -A instance=()
    [[ ! -r $env ]] || read_env "$env" instance
    key=LAN_${i}_SUBNET
    subnet[i]=${value[$key]:-172.16.$i.0/30}
    if [[ ${subnet[$i]} != off ]]; then
        if ! ipv4_network "${subnet[$i]}"; then
            bad "$key" "${subnet[$i]}" "not an IPv4 network, such as 172.16.$i.0/30 (or off)"
        elif [[ $NETWORK != "${subnet[$i]}" ]]; then
            bad "$key" "${subnet[$i]}" "not the first address of the network; should be $NETWORK"
        elif [[ $NETWORK == */0 ]]; then
            bad "$key" "${subnet[$i]}" "that is everything; should be a LAN, such as 172.16.$i.0/30"
        fi
    fi
    key=LAN_${i}_TABLE
    table_name[i]=${value[$key]:-wan$i}
    if [[ ${table_name[$i]} =~ ^[0-9]+$ ]]; then
        table[i]=$((10#${table_name[$i]}))
    elif [[ -n ${table_number[${table_name[$i]}]:-} ]]; then
        table[i]=${table_number[${table_name[$i]}]}
    elif [[ ${table_name[$i]} =~ ^wan([1-6])$ ]]; then
        table[i]=$((99 + BASH_REMATCH[1]))
    else
        table[i]=0 value[$key]=''
        bad "$key" "${table_name[$i]}" "no such table in /etc/iproute2/rt_tables; should be a name from there, or a number such as $((99 + i))"
    fi
    if [[ -n ${value[$key]:-} ]] && { ((table[i] == 0 || table[i] > 4294967295)) || ((table[i] >= 253 && table[i] <= 255)); }; then
        bad "$key" "${table_name[$i]}" "not a table for a LAN; should be 1 to 4294967295, without 253 to 255 (default, main, local)"
    fi
    key=LAN_${i}_TUN
    tun[i]=${value[$key]:-${instance[TUN_NAME]:-mpq$i}}
    is_interface_name "${tun[$i]}" || bad "$key" "${tun[$i]}" "not the name of a device, such as mpq$i"
    key=LAN_${i}_WAN
    wan[i]=${value[$key]:-${instance[WAN_DEVICE]:-enp7s$((2 + i))}}
    is_interface_name "${wan[$i]}" || bad "$key" "${wan[$i]}" "not the name of a device, such as enp7s$((2 + i))"
    key=LAN_${i}_GATEWAY
    gateway[i]=${value[$key]:-}
    [[ -z ${gateway[$i]} ]] || ipv4_number "${gateway[$i]}" || bad "$key" "${gateway[$i]}" "not an IPv4 address, such as 192.0.2.1; may be empty"
    key=LAN_${i}_RULE_PRIORITY
    priority[i]=${value[$key]:-$((10000 + i))}
    if ! [[ ${priority[$i]} =~ ^[1-9][0-9]{0,4}$ ]] || ((priority[i] > 32765)); then
        bad "$key" "${priority[$i]}" "should be a number from 1 to 32765, such as $((10000 + i))"
    fi
}

# Two LANs must not share what tells them apart.
compare_lans() {
    local i j first mask
    for i in 1 2 3 4 5 6; do
        [[ ${subnet[$i]} != off ]] || continue
        for ((j = i + 1; j <= 6; j++)); do
            [[ ${subnet[$j]} != off ]] || continue
            ipv4_network "${subnet[$i]}"
            first=$REPLY mask=$MASK
            ipv4_network "${subnet[$j]}"
            ((mask < MASK)) || mask=$MASK
            if (((first & mask) == (REPLY & mask))); then
                clash SUBNET "$i" "$j" "the networks ${subnet[$i]} of LAN $i and ${subnet[$j]} of LAN $j overlap"
            fi
            ((table[i] != table[j])) || clash TABLE "$i" "$j" "LAN $i and LAN $j have the table ${table[$i]}; each needs its own"
            ((priority[i] != priority[j])) || clash RULE_PRIORITY "$i" "$j" "LAN $i and LAN $j have the priority ${priority[$i]}; each needs its own"
        done
    done
}

# clash NAME I J WHAT: says so at the later line, or at the one that there is.
clash() {
    local key=LAN_$3_$1
    [[ -n ${value_at[$key]:-} ]] || key=LAN_$2_$1
    bad "$key" "${value[$key]:-}" "$4"
}

load_configuration() {
    local i
    read_table_names
    read_config
    for i in 1 2 3 4 5 6; do settle_lan "$i"; done
    ((config_errors > 0)) || compare_lans
    [[ ! -e $GLOBAL ]] || [[ -r $GLOBAL ]] || die "$GLOBAL cannot be read"
    [[ ! -e $GLOBAL ]] || read_env "$GLOBAL" global
    [[ ${global[MPQUIC_ROLE]:-client} == client ]] ||
        die "$GLOBAL says MPQUIC_ROLE=${global[MPQUIC_ROLE]}: LAN routing is for a client (the gateway)"
    local vps=${global[VPS_PUBLIC_IP]:-}
    if ! [[ $vps =~ ^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?)$ ]] ||
        { [[ $vps =~ ^[0-9.]+$ ]] && ! ipv4_number "$vps"; } || [[ $vps == VPS_PUBLIC_IP ]]; then
        config_error "$GLOBAL" "VPS_PUBLIC_IP=$vps: should be the address or the DNS name of the VPS, such as 203.0.113.10"
    fi
    ((config_errors == 0)) || exit 1
}

choose_lans() {
    local i
    if ((${#chosen[@]} > 0)); then
        lans=("${chosen[@]}")
        return
    fi
    for i in 1 2 3 4 5 6; do
        [[ ! -e $MPQUIC_ETC/instances/$i.env ]] || lans+=("$i")
    done
    ((${#lans[@]} > 0)) || lans=(1 2 3 4 5 6)
}

# ---- The VPS ------------------------------------------------------------------------

vps_addresses=() vps_is_known=true

# The IPv4 addresses of the VPS. The last answer to a name is kept, because the
# resolver may be behind a WAN that is down just now.
resolve_vps() {
    local name=${global[VPS_PUBLIC_IP]} cache=$MPQUIC_CHECKS_RUN/vps.addresses known=() answer age
    if ipv4_number "$name"; then
        vps_addresses=("$name")
        return
    elif [[ $name == *:* ]]; then
        return # an IPv6 address: no IPv4 route leads there
    fi
    uptime_s
    [[ ! -r $cache ]] || read -ra known <"$cache" || true
    if [[ ${known[0]:-} == "$name" ]]; then
        age=$((REPLY - known[1]))
        vps_addresses=("${known[@]:2}")
        ((age < 0 || age >= NAME_IS_FRESH_S)) || return 0
    fi
    answer=$(timeout "$LOOKUP_S" getent ahostsv4 "$name" | awk '{ print $1 }' | sort -u) || true
    if [[ -n $answer ]]; then
        mapfile -t vps_addresses <<<"$answer"
        if [[ $action == fix ]]; then
            make_memory
            echo "$name $REPLY ${vps_addresses[*]}" >"$cache"
        fi
    elif ((${#vps_addresses[@]} == 0)); then
        vps_is_known=false
    fi
}

# ---- What is there --------------------------------------------------------------------

rules=() routes=()

look() {
    local tables
    read_links
    mapfile -t rules < <(ip -N -4 -o rule show)
    tables=$(IFS='|'; echo "${table[*]}")
    # Of a big routing table only this can matter.
    mapfile -t routes < <(ip -N -4 -o route show table all | grep -E "(^| )default | table ($tables)( |\$)" || true)
}

# parse_route LINE: into TYPE (empty: unicast) DST DEV VIA TABLE PROTO METRIC.
parse_route() {
    local words word i
    read -ra words <<<"$1"
    TYPE='' DEV='' VIA='' TABLE=254 PROTO=3 METRIC=0
    case ${words[0]} in
        # Types, by number and by name, as versions of iproute2 have it.
        6 | blackhole) TYPE=blackhole ;;
        9 | throw) TYPE=throw ;;
        [0-9] | 1[0-9] | unreachable | prohibit | local | broadcast | multicast | anycast | nat | unicast) TYPE=${words[0]} ;;
    esac
    [[ -z $TYPE ]] || words=("${words[@]:1}")
    DST=${words[0]}
    for ((i = 1; i < ${#words[@]}; i++)); do
        word=${words[$i]}
        case $word in
            dev) DEV=${words[$((i += 1))]} ;;
            via) VIA=${words[$((i += 1))]} ;;
            table) TABLE=${words[$((i += 1))]} ;;
            proto) PROTO=${words[$((i += 1))]} ;;
            metric) METRIC=${words[$((i += 1))]} ;;
        esac
    done
}

# ---- What should be there ---------------------------------------------------------------

fault_lan=() fault_text=() fault_done=() fault_command=()
declare -A carried=()

# fault LAN TEXT [DONE COMMAND]: without a command nobody but the operator can mend it.
fault() {
    fault_lan+=("$1") fault_text+=("$2") fault_done+=("${3:-}") fault_command+=("${4:-}")
}

# Why nothing can be sent by LAN I's tunnel, into REPLY; empty if it can.
why_tunnel_is_down() {
    local status=${UNIT[$1.StatusText]:-} active=${UNIT[$1.ActiveState]:-}
    if [[ $active != active && $active != activating && $active != reloading ]]; then
        REPLY="mpquic@$1 is ${active:-unknown to systemd}"
    elif [[ ${status%% *} != up ]]; then
        REPLY="tunnel $1: ${status:-it says nothing of itself}"
    else
        REPLY=''
        if [[ -z ${LINK_FLAGS[${tun[$1]}]:-} ]]; then
            REPLY="${tun[$1]} is absent"
        elif ! has_flag "${tun[$1]}" UP; then
            REPLY="${tun[$1]} is down"
        elif ! has_flag "${tun[$1]}" LOWER_UP; then
            REPLY="no program has ${tun[$1]} open"
        fi
    fi
}

# What is in the LAN's table: sorts it, compares it with what should be there.
examine_table() {
    local i=$1 line key down wan_down
    local has_floor=false has_throw=false has_default=false has_foreign_first=false
    local own=()
    local -A foreign_host=() wanted=() host_is_right=()
    why_tunnel_is_down "$i"
    down=$REPLY
    why_unusable "${wan[$i]}" inet
    wan_down=$REPLY
    for line in ${routes[@]+"${routes[@]}"}; do
        parse_route "$line"
        [[ $TABLE == "${table[$i]}" ]] || continue
        if [[ $PROTO == "$OUR_PROTOCOL" ]]; then
            own+=("$line")
        elif [[ $DST == default || $DST == 0.0.0.0/1 || $DST == 128.0.0.0/1 ]]; then
            # A dead end of others that is behind ours is but another floor.
            [[ -n $TYPE && $METRIC != 0 ]] || foreign_default "$i" "$line"
            [[ $METRIC != 0 || $DST != default ]] || has_foreign_first=true
        elif [[ $DST == "${subnet[$i]%/32}" ]]; then
            has_throw=true # or the operator's own way to the LAN
        elif [[ -z $TYPE && $DST != */* ]]; then
            foreign_host[$DST]=$DEV
        fi
    done
    want_hosts "$i" ${own[@]+"${own[@]}"}
    find_gateways "$i"
    for line in ${own[@]+"${own[@]}"}; do
        parse_route "$line"
        case $TYPE:$DST in
            blackhole:default)
                if [[ $METRIC == "$FLOOR_METRIC" ]]; then has_floor=true; else unwanted_route "$i"; fi
                ;;
            throw:"${subnet[$i]%/32}") has_throw=true ;;
            :default)
                if [[ $DEV != "${tun[$i]}" || -n $VIA || $METRIC != 0 ]]; then
                    unwanted_route "$i"
                elif [[ -n $down ]]; then
                    unwanted_route "$i" "the tunnel cannot be used: $down"
                else
                    has_default=true
                fi
                ;;
            :*/*) unwanted_route "$i" ;;
            :*)
                if [[ -z ${wanted[$DST]:-} ]] || [[ -n $wan_down && $DEV != "${wan[$i]}" ]]; then
                    unwanted_route "$i"
                elif [[ $DEV == "${wan[$i]}" ]] && { [[ -n $wan_down ]] || is_good_gateway "$VIA"; }; then
                    host_is_right[$DST]=1
                fi
                # Otherwise it will be replaced, so that the address has a route all the time.
                ;;
            *) unwanted_route "$i" ;;
        esac
    done
    $has_floor || missing_route "$i" "blackhole default metric $FLOOR_METRIC"
    $has_throw || missing_route "$i" "throw ${subnet[$i]}"
    for key in "${!wanted[@]}"; do
        if [[ -n ${foreign_host[$key]:-} ]]; then
            [[ ${foreign_host[$key]} == "${wan[$i]}" ]] ||
                fault "$i" "table ${table_name[$i]} has a route that is not ours and takes the tunnel's own packets to $key by ${foreign_host[$key]}, not by ${wan[$i]}: remove it (ip route del $key table ${table[$i]})"
        elif [[ -z ${host_is_right[$key]:-} && -z $wan_down ]]; then
            missing_host_route "$i" "$key"
        fi
    done
    if ! $vps_is_known && [[ ${#wanted[@]} == 0 && -z $wan_down ]]; then
        fault "$i" "the name ${global[VPS_PUBLIC_IP]} of the VPS cannot be resolved just now, so its route by ${wan[$i]} is missing"
    fi
    if [[ -n $down ]]; then
        carried[$i]="is blackholed; $down"
    else
        carried[$i]="goes by ${tun[$i]}"
        $has_default || $has_foreign_first || missing_route "$i" "default dev ${tun[$i]}"
    fi
}

# unwanted_route LAN [WHY]: the route that was parsed last is ours and should not be there.
unwanted_route() {
    local route="${TYPE:+$TYPE }$DST${VIA:+ via $VIA}${DEV:+ dev $DEV}" why=${2:-it is not wanted}
    fault "$1" "table ${table_name[$1]} has the route $route, but $why" \
        "removed the route $route from table ${table_name[$1]}: $why" \
        "ip -4 route del $route table $TABLE proto $OUR_PROTOCOL metric $METRIC"
}

missing_route() {
    fault "$1" "table ${table_name[$1]} has not the route $2" "added the route $2 to table ${table_name[$1]}" \
        "ip -4 route add $2 table ${table[$1]} proto $OUR_PROTOCOL"
}

# A default route of others in the LAN's table: it has the packets that the tunnel does
# not take, and all of them when it comes before ours.
foreign_default() {
    local i=$1
    fault "$i" "table ${table_name[$i]} has a default route that is not ours and takes the LAN's packets past the tunnel: $(sed 's/ table [0-9]*//; s/ *$//' <<<"$2"). Remove it (ip route del $DST${VIA:+ via $VIA}${DEV:+ dev $DEV} table ${table[$i]}), or give the LAN another table (LAN_${i}_TABLE in $CONFIG)"
}

# ---- The address of the VPS by the WAN ------------------------------------------------

gateways=()

# want_hosts LAN OWN-ROUTE...: fills "wanted" with the addresses that need a route by the WAN.
want_hosts() {
    local address line status=${UNIT[$1.StatusText]:-}
    shift
    for address in ${vps_addresses[@]+"${vps_addresses[@]}"}; do wanted[$address]=1; done
    # A session that is up keeps its path, also when the name has moved on.
    if [[ ${status%% *} == up ]]; then
        status_value "$status" remote
        address=${REPLY%:*}
        ! ipv4_number "$address" || wanted[$address]=1
    fi
    $vps_is_known && return
    for line in "$@"; do
        parse_route "$line"
        if [[ -z $TYPE && $DST != default && $DST != */* ]]; then wanted[$DST]=1; fi
    done
}

# find_gateways LAN: who can be the next hop on its WAN, the best first, into "gateways".
# "-" is none, as on a point-to-point link.
find_gateways() {
    local i=$1 device=${wan[$1]} line lease words onlink
    gateways=()
    if [[ -n ${gateway[$i]} ]]; then
        gateways=("${gateway[$i]}")
        return
    fi
    for line in ${routes[@]+"${routes[@]}"}; do
        [[ $line == default*" via "* && $line != *" proto $OUR_PROTOCOL "* ]] || continue
        # A gateway that no network of the device holds.
        onlink=''
        [[ $line != *" onlink"* ]] || onlink=' onlink'
        # A route with several next hops names each of them like this, too.
        [[ $line != *" dev $device "* ]] || [[ ! ${line%%" dev $device "*} =~ \ via\ ([0-9.]+)$ ]] ||
            gateways+=("${BASH_REMATCH[1]}$onlink")
    done
    lease=$MPQUIC_LEASES/${LINK_INDEX[$device]:-none}
    if [[ -r $lease ]]; then
        while IFS= read -r line; do
            [[ $line == ROUTER=* ]] || continue
            read -ra words <<<"${line#ROUTER=}"
            gateways+=("${words[@]}")
        done <"$lease"
    fi
    if has_flag "$device" POINTOPOINT || has_flag "$device" NOARP; then gateways+=(-); fi
}

# is_good_gateway ADDRESS: one of those found. When none is known, the one that was stays.
is_good_gateway() {
    local one
    ((${#gateways[@]} > 0)) || return 0
    for one in "${gateways[@]}"; do
        [[ ${one%% *} != "${1:--}" ]] || return 0
    done
    is_on_link "$DST" "$DEV" && [[ -z $1 ]]
}

# is_on_link ADDRESS DEVICE: whether a network of that device holds the address.
is_on_link() { [[ $(ip -N -4 -o route show match "$1" dev "$2" scope 253 2>/dev/null) == *[0-9]/* ]]; }

missing_host_route() {
    local i=$1 address=$2 device=${wan[$1]} via=''
    if [[ -z ${gateway[$i]} ]] && is_on_link "$address" "$device"; then
        :
    elif ((${#gateways[@]} == 0)); then
        fault "$i" "no gateway is known on $device, so that the route to the VPS ($address) is missing: no default route by it, no lease of systemd-networkd. Write LAN_${i}_GATEWAY=address into $CONFIG"
        return
    elif [[ ${gateways[0]} != - ]]; then
        via=" via ${gateways[0]}"
    fi
    fault "$i" "table ${table_name[$i]} has not the route $address$via dev $device" \
        "added the route $address$via dev $device to table ${table_name[$i]}" \
        "ip -4 route replace $address$via dev $device table ${table[$i]} proto $OUR_PROTOCOL"
}

# ---- The rule -------------------------------------------------------------------------

examine_rules() {
    local i=$1 line number rest from to network mask has_own=false first=''
    local own_rule="from ${subnet[$i]%/32} lookup ${table[$i]}"
    ipv4_network "${subnet[$i]}"
    network=$REPLY mask=$MASK
    for line in "${rules[@]}"; do
        number=${line%%:*} rest=${line#*:}
        read -r rest <<<"$rest" # without the blanks around it
        if [[ $rest == *" proto $OUR_PROTOCOL" ]]; then
            rest=${rest% proto *}
            if [[ $rest == "$own_rule" && $number == "${priority[$i]}" ]] && ! $has_own; then
                has_own=true
                first=${first:-$number}
            elif [[ $number == "${priority[$i]}" || $rest == "from ${subnet[$i]%/32} "* || $rest == *" lookup ${table[$i]}" ]]; then
                fault "$i" "there is the rule $number: $rest, which is not wanted" "removed the rule $number: $rest" \
                    "ip -4 rule del pref $number $rest protocol $OUR_PROTOCOL"
            fi
            continue
        fi
        # Only a rule that asks for nothing but the source: the others have their own purposes.
        [[ $rest =~ ^from\ ([^ ]+)\ lookup\ ([0-9]+)(\ proto\ [0-9]+)?$ ]] || continue
        from=${BASH_REMATCH[1]} to=${BASH_REMATCH[2]}
        if ((number >= 32766 || to == 255)); then continue; fi
        if [[ "from $from lookup $to" == "$own_rule" ]]; then
            first=${first:-$number} # the operator's own rule does as well
        elif [[ -z $first ]] && ((number <= priority[i])) && takes_lan "$from" "$to" "$network" "$mask"; then
            fault "$i" "a rule that is not ours comes first and takes the LAN's packets to table $to: $number: $rest. Remove it (ip rule del pref $number), or write a number below $number as LAN_${i}_RULE_PRIORITY into $CONFIG"
        fi
    done
    [[ -n $first ]] || fault "$i" "there is no rule $own_rule" "added the rule $own_rule, priority ${priority[$i]}" \
        "ip -4 rule add $own_rule pref ${priority[$i]} protocol $OUR_PROTOCOL"
}

# takes_lan FROM TABLE NETWORK MASK: whether a rule from FROM has all of the LAN's packets.
takes_lan() {
    if [[ $1 == all ]]; then
        # Every other table than the main one may have but a few routes of its own.
        [[ $2 == 254 ]]
        return
    fi
    local prefix=$1
    [[ $prefix == */* ]] || prefix+=/32
    ipv4_network "$prefix" && (((MASK & $4) == MASK && ($3 & MASK) == REPLY))
}

# ---- A LAN that is switched off --------------------------------------------------------

examine_leftovers() {
    local i=$1 line rest
    for line in "${rules[@]}"; do
        read -r rest <<<"${line#*:}"
        [[ $rest == *" proto $OUR_PROTOCOL" ]] || continue
        rest=${rest% proto *}
        if [[ ${line%%:*} == "${priority[$i]}" || $rest == *" lookup ${table[$i]}" ]]; then
            fault "$i" "there is the rule ${line%%:*}: $rest, but the LAN is switched off" "removed the rule ${line%%:*}: $rest" \
                "ip -4 rule del pref ${line%%:*} $rest protocol $OUR_PROTOCOL"
        fi
    done
    for line in ${routes[@]+"${routes[@]}"}; do
        parse_route "$line"
        [[ $TABLE != "${table[$i]}" || $PROTO != "$OUR_PROTOCOL" ]] || unwanted_route "$i" "the LAN is switched off"
    done
    carried[$i]="is switched off in $CONFIG"
}

# ---- What to do --------------------------------------------------------------------------

examine_all() {
    local i
    fault_lan=() fault_text=() fault_done=() fault_command=() carried=()
    look
    for i in "${lans[@]}"; do
        if [[ ${subnet[$i]} == off ]]; then
            examine_leftovers "$i"
        else
            examine_table "$i"
            examine_rules "$i"
        fi
    done
}

declare -A refused=()

mend_all() {
    local n round
    # The floors come first, so that nothing leaks while something else is put right.
    for round in floors others; do
        for n in "${!fault_lan[@]}"; do
            case $round:${fault_command[$n]} in
                *: | others:*" add blackhole "*) ;;
                floors:*" add blackhole "* | others:*) mend "$n" ;;
            esac
        done
    done
}

mend() {
    local n=$1 answer
    # shellcheck disable=SC2086 # a command and its words, all of them checked before
    if answer=$(${fault_command[$n]} 2>&1); then
        echo "LAN ${fault_lan[$n]}: ${fault_done[$n]}"
    else
        refused[${fault_text[$n]}]=$answer
    fi
}

report() {
    local i n lines='' is_wrong
    for i in "${lans[@]}"; do
        is_wrong=false
        for n in "${!fault_lan[@]}"; do
            ((fault_lan[n] == i)) || continue
            is_wrong=true
            lines+="LAN $i: FAULT: ${fault_text[$n]}${refused[${fault_text[$n]}]:+ (${refused[${fault_text[$n]}]})}"$'\n'
        done
        $is_wrong || $quiet || lines+="LAN $i: ok: ${subnet[$i]} ${carried[$i]}"$'\n'
    done
    if $quiet; then
        is_root || die "--quiet remembers what it said, and only root may"
        is_news "lan-routing-${chosen[*]:-all}" "${lines%$'\n'}" || return 0
        [[ -n $lines ]] || lines=$'no faults any more\n'
    fi
    printf '%s' "$lines"
}

load_configuration
choose_lans
if [[ $action == fix ]]; then
    take_lock lan-routing 10 || die "another fix has been at it for 10 s: try again"
fi
read_units "${lans[@]}"
resolve_vps
examine_all
if [[ $action == fix && ${#fault_lan[@]} -gt 0 ]]; then
    mend_all
    examine_all
fi
report
((${#fault_lan[@]} == 0)) || exit 2
