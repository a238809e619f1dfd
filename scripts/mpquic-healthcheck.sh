#!/usr/bin/env bash
# mpquic-healthcheck.sh: how the tunnels of this machine are, and what it can mend.
#
# Usage: mpquic-healthcheck.sh client|server [check|fix] [--json] [--quiet] [INSTANCE...]
#
#   client|server   which end this machine is
#   check           (default) looks; changes nothing. Without root the firewall cannot be read
#   fix             mends what it may, waits for the outcome, and looks again
#   --json          the result as a JSON array instead of a table
#   --quiet         prints only what was done, and faults when they are new or gone
#   INSTANCE        1, 2, ... (default: all of /etc/mpquic/instances)
#
# Each check of each instance is "ok", "fault" or "expected-down", with a reason:
#
#   config      its files can be read and agree with each other
#   wan         client: the device is there, up, with carrier and an address
#   service     mpquic@INSTANCE runs
#   tun         the TUN device is as configured, and the service has it open
#   session     what the service says of its session with the peer
#   peer        the peer answers a ping through the tunnel
#   listen      server: something listens on the UDP port
#   firewall    server: nftables lets the port in (a guess; rules that it cannot read pass)
#   forwarding  server: net.ipv4.ip_forward is 1
#
# Expected down, and no fault: a client's session and peer while its WAN is unusable;
# a server's while its client is not connected, or has gone without a word and its
# session has not timed out yet; an instance whose service is disabled or masked and
# not running. An instance is "degraded" when it has a fault, else
# "expected-down" when something is, else "healthy".
#
# What "fix" does, and says:
#
#   the TUN device is not right     ensure_tun.sh, and a restart of the service if it lost the device
#   the service has failed or       reset-failed and start; a service in a restart loop is restarted
#   is not running (but enabled)    at most once a minute
#   the process is stopped          restart
#   session up, peer silent         client: restart, if it is still so in a second round of pings and
#                                   nothing came by the tunnel meanwhile, at most once a minute
#   client not up on a usable WAN   restart after 30 s, at most once in 5 minutes
#   ip_forward is off               switched on until the next boot
#
# It leaves alone: a service that waits for its WAN, one that is switched off, the
# configuration, and the firewall, for which it names the remedy.
#
# Exit codes: 0 healthy (or expected to be down); 2 an instance is degraded (after
# fix: still); 1 usage, or it cannot be done here.
#
# JSON: [{"instance": "1", "role": "client", "overall": "healthy|expected-down|degraded",
#         "checks": {"config": {"status": "ok|fault|expected-down", "reason": "..."}, ...},
#         "actions": ["what fix did", ...]}, ...]
# shellcheck source=deploy-lib.sh
. "$(dirname "$(readlink -f "$0")")/deploy-lib.sh"

readonly GLOBAL=$MPQUIC_ETC/global.env
readonly PING_S=2 SECOND_ROUND_AFTER_S=2
# What a client may take to connect before a new process may do better.
readonly CONNECTS_WITHIN_S=30
readonly RESTART_SILENT_S=60 RESTART_UNCONNECTED_S=300
# How long fix waits for what it has started.
SETTLE_S=${MPQUIC_SETTLE_S:-20}

role='' action=check json=false quiet=false instances=()
while (($# > 0)); do
    case $1 in
        client | server)
            [[ -z $role ]] || die "give one of client and server"
            role=$1
            ;;
        check | fix) action=$1 ;;
        --json) json=true ;;
        --quiet) quiet=true ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        '') die "an empty argument: is MPQUIC_ROLE=client or MPQUIC_ROLE=server in $GLOBAL?" ;;
        [1-9] | [1-9][0-9]) instances+=("$1") ;;
        *) die "unknown argument: \"$1\" (try --help)" ;;
    esac
    shift
done
[[ -n $role ]] || die "say which end this is: client or server (try --help)"
[[ $action == check ]] || is_root || die "only root can mend (check needs no rights)"
! $quiet || is_root || die "--quiet remembers what it said, and only root may"
if [[ $role == client ]]; then
    readonly CHECKS=(config wan service tun session peer)
else
    readonly CHECKS=(config service tun session peer listen firewall forwarding)
fi

find_instances() {
    local file name known=()
    for file in "$MPQUIC_ETC"/instances/*.env; do
        name=${file##*/} name=${name%.env}
        [[ ! $name =~ ^[1-9][0-9]?$ ]] || known+=("$name")
    done
    ((${#known[@]} > 0)) || die "no instance is configured: there is no $MPQUIC_ETC/instances/1.env"
    if ((${#instances[@]} == 0)); then
        instances=("${known[@]}")
        return
    fi
    for name in "${instances[@]}"; do
        [[ -e $MPQUIC_ETC/instances/$name.env ]] ||
            die "there is no instance $name ($MPQUIC_ETC/instances/$name.env). There are: ${known[*]}"
    done
}

# By INSTANCE.CHECK, by INSTANCE, and by INSTANCE.KEY.
declare -A status=() reason=() overall=() config=() received=() global=()

# result INSTANCE CHECK STATUS REASON
result() { status[$1.$2]=$3 reason[$1.$2]=$4; }

# ---- Configuration ----------------------------------------------------------------

# yaml_value FILE KEY: the value of a top-level key, into REPLY.
yaml_value() {
    local line
    REPLY=''
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^$2:[[:space:]]*(.*)$ ]] || continue
        unquote "${BASH_REMATCH[1]}"
        return
    done <"$1"
}

# agree INSTANCE YAML KEY EXPECTED ENV-KEY: adds to "problems" when the two files differ.
agree() {
    yaml_value "$2" "$3"
    [[ $REPLY == "$4" ]] || problems+=("$3 in $1.yaml is \"$REPLY\", but ${5:-what should be there} is \"$4\"")
}

read_config() {
    local i=$1 env=$MPQUIC_ETC/instances/$1.env yaml=$MPQUIC_ETC/instances/$1.yaml key problems=() needed
    local -A own=()
    if [[ ! -r $env ]]; then
        result "$i" config fault "$env cannot be read"
        return
    fi
    read_env "$env" own
    for key in "${!own[@]}"; do config[$i.$key]=${own[$key]}; done
    needed=(TUN_NAME TUN_CIDR PEER_TUN_ADDRESS)
    [[ $role == client ]] || needed+=(LISTEN_PORT)
    for key in "${needed[@]}"; do
        [[ -n ${own[$key]:-} ]] || problems+=("$i.env has no $key")
    done
    is_interface_name "${own[TUN_NAME]:-x}" || problems+=("TUN_NAME in $i.env is no name of a device")
    ipv4_network "${own[TUN_CIDR]:-10.0.0.1/30}" || problems+=("TUN_CIDR in $i.env is no IPv4 address with length")
    [[ ${own[TUN_MTU]:-1300} =~ ^[0-9]+$ ]] || problems+=("TUN_MTU in $i.env is no number")
    [[ ${own[LISTEN_PORT]:-1} =~ ^[0-9]+$ ]] || problems+=("LISTEN_PORT in $i.env is no number")
    if [[ ! -r $yaml ]]; then
        problems+=("$yaml cannot be read")
    elif ((${#problems[@]} == 0)); then
        agree "$i" "$yaml" role "$role" "this end"
        agree "$i" "$yaml" tun_name "${own[TUN_NAME]}" "TUN_NAME in $i.env"
        agree "$i" "$yaml" tun_cidr "${own[TUN_CIDR]}" "TUN_CIDR in $i.env"
        [[ $role == client ]] || agree "$i" "$yaml" remote_port "${own[LISTEN_PORT]}" "LISTEN_PORT in $i.env"
        [[ -z ${own[WAN_DEVICE]:-} ]] || agree "$i" "$yaml" bind_ip "if:${own[WAN_DEVICE]}" "WAN_DEVICE in $i.env"
        yaml_value "$yaml" remote_addr
        [[ $REPLY != VPS_PUBLIC_IP || -n ${global[VPS_PUBLIC_IP]:-} ]] || problems+=("$GLOBAL has no VPS_PUBLIC_IP")
    fi
    if ((${#problems[@]} > 0)); then
        result "$i" config fault "$(joined '; ' "${problems[@]}")"
    else
        result "$i" config ok "$env and $yaml"
    fi
}

# joined SEPARATOR WORD...
joined() {
    local separator=$1 text=$2
    shift 2
    while (($# > 0)); do text+=$separator$1; shift; done
    printf '%s' "$text"
}

# ---- The parts of an instance ---------------------------------------------------------

check_wan() {
    local i=$1 device=${config[$1.WAN_DEVICE]:-}
    if [[ -z $device ]]; then
        result "$i" wan ok "the tunnel is not tied to a device"
        return
    fi
    why_unusable "$device"
    if [[ -n $REPLY ]]; then
        result "$i" wan expected-down "$REPLY"
    else
        local addresses=${LINK_ADDRESSES[$device]//inet6:/}
        addresses=${addresses//inet:/}
        result "$i" wan ok "$device has ${addresses% }"
    fi
}

wan_is_down() { [[ ${status[$1.wan]:-ok} == expected-down ]]; }

# Seconds since the service left the inactive state, into REPLY.
service_age_s() {
    local since=${UNIT[$1.InactiveExitTimestampMonotonic]:-0}
    uptime_s
    if [[ $since =~ ^[0-9]+$ ]]; then REPLY=$((REPLY - since / 1000000)); fi
}

# Whether the service's process has been stopped (SIGSTOP), so that it does nothing at all.
is_frozen() {
    local stat
    { read -r stat <"/proc/${UNIT[$1.MainPID]:-none}/stat"; } 2>/dev/null || return 1
    # The name in it, in parentheses, may hold anything.
    [[ ${stat##*) } == [Tt]\ * ]]
}

check_service() {
    local i=$1 active=${UNIT[$1.ActiveState]:-unknown} sub=${UNIT[$1.SubState]:-} file=${UNIT[$1.UnitFileState]:-}
    local load=${UNIT[$1.LoadState]:-loaded} unit=mpquic@$1.service how
    how="${UNIT[$i.Result]:+, result ${UNIT[$i.Result]}}${UNIT[$i.NRestarts]:+, ${UNIT[$i.NRestarts]} restarts}"
    case $load:$active:$sub in
        masked:inactive:*) result "$i" service expected-down "$unit is masked" ;;
        not-found:*) result "$i" service fault "$unit is not installed" ;;
        *:active:* | *:reloading:*)
            if is_frozen "$i"; then
                result "$i" service fault "its process ${UNIT[$i.MainPID]} is stopped (SIGSTOP)"
            else
                result "$i" service ok "active ($sub)"
            fi
            ;;
        *:activating:auto-restart*) result "$i" service fault "it ends and is restarted again and again$how" ;;
        *:activating:*)
            service_age_s "$i"
            if ((REPLY <= CONNECTS_WITHIN_S)); then
                result "$i" service ok "starting"
            else
                result "$i" service fault "starting for $REPLY s"
            fi
            ;;
        *:failed:*) result "$i" service fault "failed$how" ;;
        *:inactive:*)
            if [[ $file == disabled || $file == masked* ]]; then
                result "$i" service expected-down "$unit is $file and not running"
            else
                result "$i" service fault "not running"
            fi
            ;;
        *) result "$i" service fault "$active ($sub)" ;;
    esac
}

# The word that the service says first, into REPLY.
session_word() {
    local text=${UNIT[$1.StatusText]:-}
    REPLY=${text%% *}
}

service_runs() { [[ ${UNIT[$1.ActiveState]:-} == active || ${UNIT[$1.ActiveState]:-} == activating ]] && [[ ${UNIT[$1.SubState]:-} != auto-restart* ]]; }

check_session() {
    local i=$1 text=${UNIT[$1.StatusText]:-}
    session_word "$i"
    if ! service_runs "$i"; then
        if [[ ${status[$i.service]} == expected-down ]]; then
            result "$i" session expected-down "${reason[$i.service]}"
        else
            result "$i" session fault "the service does not run"
        fi
        return
    fi
    case $role:$REPLY in
        *:up) result "$i" session ok "$text" ;;
        server:listening) result "$i" session expected-down "waiting for the client ($text)" ;;
        *:'')
            if wan_is_down "$i"; then
                result "$i" session expected-down "${reason[$i.wan]}"
            elif [[ $role == server ]]; then
                result "$i" session expected-down "the service says nothing of its session"
            else
                result "$i" session fault "the service says nothing of its session"
            fi
            ;;
        client:waiting)
            if wan_is_down "$i"; then
                result "$i" session expected-down "$text"
            else
                result "$i" session fault "the service waits for a WAN that is usable: $text"
            fi
            ;;
        *)
            if wan_is_down "$i"; then
                result "$i" session expected-down "$text (${reason[$i.wan]})"
            else
                result "$i" session fault "$text"
            fi
            ;;
    esac
}

# What the probes in the background found.
check_tun() {
    local i=$1 name=${config[$1.TUN_NAME]:-} answer code
    if [[ ${status[$i.config]} == fault && ! -e $work/$i.tun ]]; then
        result "$i" tun fault "the configuration does not say which"
        return
    fi
    mapfile -t answer <"$work/$i.tun"
    code=${answer[-1]}
    unset 'answer[-1]'
    session_word "$i"
    if ((code != 0)); then
        result "$i" tun fault "$(joined '; ' "${answer[@]}")"
    elif service_runs "$i" && [[ $REPLY == up || $REPLY == listening ]] && ! has_flag "$name" LOWER_UP; then
        result "$i" tun fault "$name: the service does not have it open"
    else
        result "$i" tun ok "$name ${config[$i.TUN_CIDR]}, MTU ${config[$i.TUN_MTU]:-1300}"
    fi
}

check_peer() {
    local i=$1 name=${config[$1.TUN_NAME]:-} address=${config[$1.PEER_TUN_ADDRESS]:-} answer
    case ${status[$i.session]} in
        expected-down) result "$i" peer expected-down "no session" ;;
        fault) result "$i" peer fault "no session" ;;
        *)
            answer=$(cat "$work/$i.peer" 2>/dev/null) || true
            if [[ $answer =~ ([0-9]+)\ packets\ transmitted,\ ([1-9][0-9]*)\ received ]]; then
                [[ $answer =~ =\ ([0-9.]+)/ ]] || true
                result "$i" peer ok "$address answers${BASH_REMATCH[1]:+ in ${BASH_REMATCH[1]} ms}"
            elif wan_is_down "$i"; then
                result "$i" peer expected-down "${reason[$i.wan]}"
            elif [[ $answer =~ ([0-9]+)\ packets\ transmitted && $role == server ]]; then
                # The session is the client's to renew; here it ends by itself after its idle timeout.
                result "$i" peer expected-down "the client does not answer ${BASH_REMATCH[1]} pings by $name: it has gone, or drops them"
            elif [[ $answer =~ ([0-9]+)\ packets\ transmitted ]]; then
                result "$i" peer fault "$address does not answer ${BASH_REMATCH[1]} pings by $name"
            elif [[ -z $name || -z $address ]]; then
                result "$i" peer fault "the configuration does not say whom to ask"
            else
                result "$i" peer fault "$address cannot be pinged by $name: $answer"
            fi
            ;;
    esac
}

# ---- The server's port -----------------------------------------------------------------

check_listen() {
    local i=$1 port=${config[$1.LISTEN_PORT]:-none}
    if [[ $'\n'$udp_sockets$'\n' == *$'\n'"$port"$'\n'* ]]; then
        result "$i" listen ok "UDP port $port"
    elif [[ ${status[$i.service]} == expected-down ]]; then
        result "$i" listen expected-down "${reason[$i.service]}"
    else
        result "$i" listen fault "nothing listens on UDP port $port"
    fi
}

# nft_verdict PORT: whether the ruleset on standard input lets a new UDP packet to PORT in.
# Prints "accept", "unsure", or "drop FAMILY TABLE CHAIN WHY". Each base chain of the input
# hook must let it in; a chain is read rule by rule, with the chains it jumps to.
nft_verdict() {
    awk -v port="$1" '
    function strip(rule) {
        gsub(/ comment "[^"]*"/, "", rule)
        gsub(/ log( (prefix "[^"]*"|level [a-z]+|group [0-9]+|flags [a-z ]+))*/, "", rule)
        gsub(/counter( packets [0-9]+ bytes [0-9]+)?( |$)/, "", rule)
        gsub(/limit rate [^ ]+( [^ ]+\/[a-z]+)?( burst [0-9]+ [a-z]+)? /, "", rule)
        gsub(/\{ /, "{", rule); gsub(/ \}/, "}", rule); gsub(/, /, ",", rule); gsub(/ : /, ":", rule)
        return rule
    }
    # Whether a port, a range, a {set} or an @set has our port: 1, 0 or -1 (unknown).
    function has_port(text,    parts, count, k, range) {
        if (text ~ /^@/) { text = substr(text, 2); if (!(family SUBSEP table SUBSEP text in elements)) return -1; text = elements[family, table, text] }
        gsub(/[{}]/, "", text)
        count = split(text, parts, ",")
        for (k = 1; k <= count; k++) {
            gsub(/ /, "", parts[k]); sub(/(timeout|expires).*/, "", parts[k])
            if (split(parts[k], range, "-") == 2) { if (port + 0 >= range[1] + 0 && port + 0 <= range[2] + 0) return 1 }
            else if (parts[k] == port) return 1
            else if (parts[k] !~ /^[0-9]+$/ && parts[k] !~ /^[a-z]+[a-z0-9-]*$/) return -1
        }
        return 0
    }
    # Whether a rule with these words before its verdict is for our packet: 1 yes, 0 no,
    # 2 for some such packets, -1 cannot be told. Sets "named" when it names the port.
    function concerns(words, count,    k, word, is, state) {
        state = 1; named = 0
        for (k = 1; k <= count; k++) {
            word = words[k]
            if (word == "") continue
            if (word == "meta" || word == "ip" || word == "ct" || word == "th" || word == "udp") {
                word = word " " words[++k]
            } else if (word ~ /^(tcp|icmp|icmpv6|ip6|igmp|sctp|dccp|esp|ah|vlan|arp)$/) return 0
            is = words[++k]
            if (word == "meta l4proto" || word == "ip protocol") {
                if (is == "!=") { if (words[++k] ~ /udp|17/) return 0 }
                else if (is !~ /(^|[{,])(udp|17)($|[,}])/) return 0
            } else if (word == "udp dport" || word == "th dport") {
                if (is == "vmap") return -1
                if (is == "!=") { is = has_port(words[++k]); if (is == 1) return 0; if (is < 0) state = -1 }
                else { is = has_port(is); if (is == 0) return 0; if (is < 0) state = -1; else named = 1 }
            } else if (word == "ct state") {
                if (is == "vmap") { if (words[++k] ~ /[{,]new:/) return -1; return 0 }
                if (is == "!=") { if (words[++k] ~ /new/) return 0 }
                else if (is !~ /new|untracked/) return 0
            } else if (word == "meta nfproto") {
                if (is !~ /ipv4/) return 0
            } else if (word ~ /^(iifname|iif|meta iifname|meta iif)$/) {
                if (is == "!=") { if (words[++k] != "\"lo\"" && state == 1) state = 2 }
                else if (is == "\"lo\"") return 0
                else if (state == 1) state = 2
            } else if (word ~ /^ip (saddr|daddr)$/) {
                if (is == "!=") k++
                # Rules for some sources are there for other purposes, unless they name the port.
                if (state == 1) state = 3
            } else return -1
        }
        return state
    }
    # What becomes of our packet in a chain: accept, drop, unsure, or next (it falls through).
    function walk(chain, depth,    n, rule, words, count, verdict, target, for_us, sure, found) {
        if (depth > 16) return "unsure"
        sure = 1
        for (n = 1; n <= rules[family, table, chain]; n++) {
            rule = strip(text[family, table, chain, n])
            sub(/^[ \t]+/, "", rule); sub(/ +$/, "", rule)
            if (rule ~ /^#/ || rule == "") continue
            verdict = ""; target = ""
            if (match(rule, /(^| )(accept|drop|reject|return|queue)( with .*| to .*)?$/)) {
                verdict = substr(rule, RSTART); sub(/^ /, "", verdict); sub(/ .*/, "", verdict)
                rule = substr(rule, 1, RSTART - 1)
            } else if (match(rule, /(^| )(jump|goto) [^ ]+$/)) {
                verdict = substr(rule, RSTART); sub(/^ /, "", verdict)
                target = verdict; sub(/^[a-z]+ /, "", target); sub(/ .*/, "", verdict)
                rule = substr(rule, 1, RSTART - 1)
            } else if (rule !~ / vmap /) continue # it only counts, marks or logs
            if (rule ~ /xt (match|target)|# /) { if (verdict != "drop" && verdict != "reject") sure = 0; continue }
            if (match(rule, /dport vmap \{[^}]*\}/)) {
                found = "," substr(rule, RSTART + 12, RLENGTH - 13) ","
                if (index(found, "," port ":accept,")) return sure ? "accept" : "unsure"
                if (index(found, "," port ":drop,")) return sure ? "drop" : "unsure"
                if (index(found, "," port ":")) sure = 0
                continue
            }
            count = split(rule, words, / +/)
            for_us = concerns(words, count)
            if (for_us == 0) continue
            if (for_us == 3) { if (!named) continue; for_us = 2 }
            if (verdict == "jump" || verdict == "goto") {
                found = walk(target, depth + 1)
                if (found == "unsure" || (for_us != 1 && found == "accept" && !named)) { sure = 0; found = "next" }
                if (found == "accept") return sure ? "accept" : "unsure"
                if (found == "drop" && for_us == 1) return sure ? "drop" : "unsure"
                if (verdict == "goto" && for_us == 1) break
                continue
            }
            if (verdict == "accept" || verdict == "queue") {
                if (for_us == 1 || named) return sure ? "accept" : "unsure"
                sure = 0
            } else if (for_us == 1 && (verdict == "drop" || verdict == "reject")) return sure ? "drop" : "unsure"
            else if (for_us == 1 && verdict == "return") break
            else if (for_us == -1) sure = 0
        }
        return sure ? "next" : "unsure"
    }
    $1 == "table" && $NF == "{" { now_family = $2; now_table = $3; chain = ""; set = ""; next }
    $1 == "chain" && $NF == "{" { chain = $2; set = ""; next }
    ($1 == "set" || $1 == "map") && $NF == "{" { set = $2; chain = ""; in_elements = 0; next }
    set != "" && /elements = \{/ { sub(/.*elements = \{/, ""); in_elements = 1 }
    set != "" && in_elements {
        line = $0
        if (line ~ /\}/) { sub(/\}.*/, "", line); in_elements = 0 }
        elements[now_family, now_table, set] = elements[now_family, now_table, set] line
        next
    }
    $1 == "}" { chain = ""; set = ""; next }
    chain != "" && $1 == "type" && / hook / {
        if (/ hook input / && (now_family == "inet" || now_family == "ip")) {
            bases++
            base_family[bases] = now_family; base_table[bases] = now_table; base_chain[bases] = chain
            policy[bases] = (/policy drop/ ? "drop" : "accept")
        }
        next
    }
    chain != "" { n = ++rules[now_family, now_table, chain]; text[now_family, now_table, chain, n] = $0 }
    END {
        worst = "accept"
        for (b = 1; b <= bases; b++) {
            family = base_family[b]; table = base_table[b]
            outcome = walk(base_chain[b], 0)
            why = "a rule"
            if (outcome == "next") { outcome = policy[b]; why = "policy" }
            if (outcome == "drop") { print "drop", family, table, base_chain[b], why; exit }
            if (outcome == "unsure" && policy[b] == "drop") worst = "unsure"
        }
        print worst
    }'
}

check_firewall() {
    local i=$1 port=${config[$1.LISTEN_PORT]:-0} verdict family table chain why
    if [[ ! $port =~ ^[1-9] ]]; then
        result "$i" firewall fault "the configuration does not say which port"
        return
    elif ! $ruleset_is_known; then
        result "$i" firewall ok "not checked: $ruleset"
        return
    fi
    verdict=$(nft_verdict "$port" <<<"$ruleset")
    read -r verdict family table chain why <<<"$verdict"
    case $verdict in
        drop)
            [[ $why == policy ]] && why="input policy drops" || why="$chain has a rule that drops"
            result "$i" firewall fault "nftables $why udp $port (table $family $table, chain $chain). Remedy: nft insert rule $family $table $chain udp dport $port accept; and the same in the file that sets these rules at boot, such as /etc/nftables.conf"
            ;;
        unsure) result "$i" firewall ok "cannot be told: there are rules that this check cannot read" ;;
        *) result "$i" firewall ok "nftables lets udp $port in" ;;
    esac
}

check_forwarding() {
    if [[ $(<"$FORWARDING") == 1 ]]; then
        result "$1" forwarding ok "net.ipv4.ip_forward is 1"
    else
        result "$1" forwarding fault "net.ipv4.ip_forward is 0: nothing goes on from the tunnels to the Internet"
    fi
}
readonly FORWARDING=/proc/sys/net/ipv4/ip_forward

# ---- A look at everything ----------------------------------------------------------------

probe_tun() {
    local i=$1 code=0
    [[ -n ${config[$i.TUN_NAME]:-} && -n ${config[$i.TUN_CIDR]:-} ]] || return 0
    ensure_tun "$i" --check >"$work/$i.tun" 2>&1 || code=$?
    echo "$code" >>"$work/$i.tun"
}

# ensure_tun INSTANCE [--check]: with the routes that the instance's environment names, if it does.
ensure_tun() {
    local i=$1
    shift
    (
        unset TUN_ROUTES
        if [[ -v config[$i.TUN_ROUTES] ]]; then export TUN_ROUTES=${config[$i.TUN_ROUTES]}; fi
        exec "$here/ensure_tun.sh" "$@" "${config[$i.TUN_NAME]}" "${config[$i.TUN_CIDR]}" "${config[$i.TUN_MTU]:-1300}"
    )
}

# received_packets DEVICE: how many it has brought so far, into REPLY.
received_packets() {
    local name packets
    REPLY=0
    while read -r name _ packets _; do
        [[ $name != "$1:" ]] || REPLY=$packets
    done </proc/net/dev
}

# With a deadline, ping ends at the first answer, and asks four times when there is none.
probe_peer() {
    local i=$1
    [[ -n ${config[$i.TUN_NAME]:-} && -n ${config[$i.PEER_TUN_ADDRESS]:-} ]] || return 0
    ping -n -q -c 1 -i 0.5 -w "$PING_S" -I "${config[$i.TUN_NAME]}" "${config[$i.PEER_TUN_ADDRESS]}" >"$work/$i.peer" 2>&1 || true
}

look() {
    local i running=()
    status=() reason=()
    rm -f "$work"/*
    read_links
    read_units "${instances[@]}"
    for i in "${instances[@]}"; do
        read_config "$i"
        probe_tun "$i" &
        running+=($!)
        received_packets "${config[$i.TUN_NAME]:-}"
        received[$i]=$REPLY
        session_word "$i"
        if service_runs "$i" && [[ $REPLY == up ]]; then
            probe_peer "$i" &
            running+=($!)
        fi
    done
    if [[ $role == server ]]; then
        udp_sockets=$(ss -H -l -u -n | awk '{ sub(/.*:/, "", $4); print $4 }')
        look_at_firewall
    fi
    wait "${running[@]}"
    for i in "${instances[@]}"; do judge "$i"; done
}

look_at_firewall() {
    ruleset_is_known=true
    if ! type -P nft >/dev/null; then
        ruleset_is_known=false ruleset="nft is not installed"
    elif ! is_root; then
        ruleset_is_known=false ruleset="only root can read the firewall"
    elif ! ruleset=$(nft list ruleset 2>&1); then
        ruleset_is_known=false ruleset="nft cannot read it: ${ruleset%%$'\n'*}"
    fi
}

# A fixed order: session needs service and wan, peer needs session.
judge() {
    local i=$1 check
    if [[ $role == client ]]; then check_wan "$i"; fi
    check_service "$i"
    check_tun "$i"
    check_session "$i"
    check_peer "$i"
    if [[ $role == server ]]; then
        check_listen "$i"
        check_firewall "$i"
        check_forwarding "$i"
    fi
    # Somebody has switched it off: nobody misses its device.
    if [[ ${status[$i.service]} == expected-down && ${status[$i.tun]} == fault ]]; then
        status[$i.tun]=expected-down
    fi
    overall[$i]=healthy
    for check in "${CHECKS[@]}"; do
        case ${status[$i.$check]} in
            fault) overall[$i]=degraded ;;
            expected-down) [[ ${overall[$i]} == degraded ]] || overall[$i]=expected-down ;;
        esac
    done
}

# ---- Mending --------------------------------------------------------------------------------

# What was done, a line each, by INSTANCE; whose service was started or restarted.
declare -A actions=()
restarted=()

did() { actions[$1]+="$2"$'\n'; }

# remembered INSTANCE WHAT: the uptime that was noted, into REPLY; empty if none. A note
# from before the last boot is from the future.
remembered() {
    local file=$MPQUIC_CHECKS_RUN/$1.$2 now
    uptime_s
    now=$REPLY REPLY=''
    [[ ! -r $file ]] || read -r REPLY <"$file" || true
    if ! [[ $REPLY =~ ^[0-9]+$ ]] || ((REPLY > now)); then REPLY=''; fi
}

note() {
    uptime_s
    echo "$REPLY" >"$MPQUIC_CHECKS_RUN/$1.$2"
}

# lasts INSTANCE WHAT: for how many seconds it has been so, into REPLY. The first call starts the count.
lasts() {
    local since
    remembered "$1" "$2"
    [[ -n $REPLY ]] || note "$1" "$2"
    since=$REPLY
    uptime_s
    REPLY=$((REPLY - since))
}

is_over() { rm -f "$MPQUIC_CHECKS_RUN/$1.$2"; }

# restart INSTANCE WHY [EVERY-S]: not sooner than EVERY-S after the last one.
restart() {
    local i=$1 why=$2 every=${3:-0} last
    remembered "$i" restarted
    last=$REPLY
    uptime_s
    if [[ -n $last ]] && ((REPLY - last < every)); then
        printf 'instance %s: %s; it was restarted %s s ago, and is again at the earliest after %s s\n' \
            "$i" "$why" "$((REPLY - last))" "$every" >&"$remarks"
        return
    fi
    start_service "$i" restart "restarted the service: $why"
    note "$i" restarted
    is_over "$i" unconnected
}

# start_service INSTANCE start|restart DONE
start_service() {
    local i=$1 answer
    if answer=$(systemctl --no-block "$2" "mpquic@$i.service" 2>&1); then
        did "$i" "$3"
        restarted+=("$i")
    else
        did "$i" "could not $2 the service: $answer"
    fi
}

mend_forwarding() {
    local i=$1
    if [[ ${status[$i.forwarding]:-ok} == fault && $(<"$FORWARDING") != 1 ]]; then
        if echo 1 >"$FORWARDING"; then did "$i" "set net.ipv4.ip_forward to 1"; fi
    fi
}

mend_tun() {
    local i=$1 code=0 answer was
    [[ ${status[$i.tun]} == fault && -n ${config[$i.TUN_NAME]:-} && -n ${config[$i.TUN_CIDR]:-} ]] || return 0
    was=${LINK_INDEX[${config[$i.TUN_NAME]}]:-none}
    answer=$(ensure_tun "$i" 2>&1) || code=$?
    if ((code == 3)) && service_runs "$i" && [[ $answer == *"is in use"* ]]; then
        systemctl stop "mpquic@$i.service" || true
        did "$i" "stopped the service, because ${config[$i.TUN_NAME]} must be made anew"
        code=0
        answer=$(ensure_tun "$i" 2>&1) || code=$?
        UNIT[$i.ActiveState]=inactive status[$i.service]=fault
    fi
    # What could not be done is what the check says afterwards.
    answer=$(grep -v -e '^ERROR' -e '^WARNING' -e ': nothing changed$' <<<"$answer") || true
    [[ -z $answer ]] || did "$i" "${answer//$'\n'/; }"
    service_runs "$i" || return 0
    read_links
    if [[ ${LINK_INDEX[${config[$i.TUN_NAME]}]:-none} != "$was" ]]; then
        restart "$i" "its device is a new one"
    elif [[ ${reason[$i.tun]} == *"does not have it open" ]]; then
        restart "$i" "it does not have its device open" "$RESTART_SILENT_S"
    fi
}

mend_service() {
    local i=$1
    [[ ${status[$i.service]} == fault && ${UNIT[$i.LoadState]:-loaded} != not-found ]] || return 0
    case ${UNIT[$i.ActiveState]:-}:${UNIT[$i.SubState]:-} in
        failed:* | inactive:*)
            systemctl reset-failed "mpquic@$i.service" 2>/dev/null || true
            start_service "$i" start "started the service, which was ${UNIT[$i.ActiveState]}"
            ;;
        active:*) restart "$i" "its process was stopped" ;;
        activating:auto-restart*)
            systemctl reset-failed "mpquic@$i.service" 2>/dev/null || true
            restart "$i" "it ends again and again" "$RESTART_SILENT_S"
            ;;
    esac
}

is_restarted() { [[ " ${restarted[*]} " == *" $1 "* ]]; }

mend_session() {
    local i=$1
    if [[ $role != client || ${status[$i.session]} != fault ]] || ! service_runs "$i"; then
        is_over "$i" unconnected
        return
    fi
    is_restarted "$i" && return
    local for_s
    lasts "$i" unconnected
    for_s=$REPLY
    service_age_s "$i"
    if ((for_s >= CONNECTS_WITHIN_S && REPLY >= CONNECTS_WITHIN_S)); then
        restart "$i" "not connected for $for_s s" "$RESTART_UNCONNECTED_S"
    fi
}

# Those whose session is up while the peer is silent are asked a second time, all together.
mend_silent() {
    local i silent=() running=()
    for i in "${instances[@]}"; do
        if [[ ${status[$i.session]} == ok && ${status[$i.peer]} == fault && -s $work/$i.peer ]] && ! is_restarted "$i"; then
            silent+=("$i")
        fi
    done
    ((${#silent[@]} > 0)) || return 0
    sleep "$SECOND_ROUND_AFTER_S"
    read_units "${instances[@]}"
    for i in "${silent[@]}"; do
        probe_peer "$i" &
        running+=($!)
    done
    wait "${running[@]}"
    for i in "${silent[@]}"; do
        check_session "$i"
        check_peer "$i"
        [[ ${status[$i.session]} == ok && ${status[$i.peer]} == fault ]] || continue
        received_packets "${config[$i.TUN_NAME]}"
        if ((REPLY > received[$i])); then
            echo "instance $i: not restarted: ${reason[$i.peer]}, but other packets come by it. Does a firewall drop pings there?" >&"$remarks"
        else
            restart "$i" "its session is up, but ${reason[$i.peer]}, twice" "$RESTART_SILENT_S"
        fi
    done
}

# Waits until each service that was started says what has become of it.
settle() {
    local deadline i waiting
    ((${#restarted[@]} > 0)) || return 0
    uptime_s
    deadline=$((REPLY + SETTLE_S))
    while :; do
        sleep 0.5
        read_units "${restarted[@]}"
        waiting=false
        for i in "${restarted[@]}"; do
            session_word "$i"
            case ${UNIT[$i.ActiveState]:-}:$REPLY in
                active:up | active:listening | active:waiting | failed:*) ;;
                *) waiting=true ;;
            esac
        done
        uptime_s
        if ! $waiting || ((REPLY >= deadline)); then break; fi
    done
}

mend_all() {
    local i
    for i in "${instances[@]}"; do
        [[ ${status[$i.service]} != expected-down ]] || continue
        mend_forwarding "$i"
        mend_tun "$i"
        is_restarted "$i" || mend_service "$i"
        mend_session "$i"
    done
    mend_silent
    settle
}

# ---- The report ------------------------------------------------------------------------------

# quoted TEXT: as a JSON string, into REPLY.
quoted() {
    REPLY=${1//\\/\\\\}
    REPLY=${REPLY//\"/\\\"}
    REPLY=${REPLY//$'\n'/\\n}
    REPLY=${REPLY//$'\t'/ }
    REPLY=\"${REPLY//[$'\x01'-$'\x1f'$'\x7f']/?}\"
}

print_json() {
    local i check line separator='' inner
    printf '['
    for i in "${instances[@]}"; do
        printf '%s\n  {"instance": "%s", "role": "%s", "overall": "%s", "checks": {' "$separator" "$i" "$role" "${overall[$i]}"
        separator=',' inner=''
        for check in "${CHECKS[@]}"; do
            quoted "${reason[$i.$check]}"
            printf '%s\n    "%s": {"status": "%s", "reason": %s}' "$inner" "$check" "${status[$i.$check]}" "$REPLY"
            inner=','
        done
        printf '},\n    "actions": ['
        inner=''
        while IFS= read -r line; do
            [[ -n $line ]] || continue
            quoted "$line"
            printf '%s%s' "$inner" "$REPLY"
            inner=', '
        done <<<"${actions[$i]:-}"
        printf ']}'
    done
    printf '\n]\n'
}

print_actions() {
    local i line
    for i in "${instances[@]}"; do
        while IFS= read -r line; do
            [[ -z $line ]] || echo "instance $i: $line"
        done <<<"${actions[$i]:-}"
    done
}

# print_troubles STATUS...: a line for each check that has one of them.
print_troubles() {
    local i check
    for i in "${instances[@]}"; do
        for check in "${CHECKS[@]}"; do
            [[ " $* " != *" ${status[$i.$check]} "* ]] ||
                echo "instance $i: $check: ${status[$i.$check]}: ${reason[$i.$check]}"
        done
    done
}

print_table() {
    local i check word
    printf '%-9s' instance
    printf ' %-10s' "${CHECKS[@]}" overall
    printf '\n'
    for i in "${instances[@]}"; do
        printf '%-9s' "$i"
        for check in "${CHECKS[@]}"; do
            word=${status[$i.$check]}
            case $word in fault) word=FAULT ;; expected-down) word=down ;; esac
            printf ' %-10s' "$word"
        done
        printf ' %s\n' "${overall[$i]}"
    done
    print_actions
    print_troubles fault expected-down
}

report() {
    local faults
    if $json; then
        print_json
    elif $quiet; then
        print_actions
        faults=$(print_troubles fault)
        # Counts and times differ each time, and are no news.
        if is_news "healthcheck-${instances[*]}" "$(sed 's/[0-9]* pings/pings/; s/ for [0-9]* s//; s/attempt=[0-9]*//; s/retry_ms=[0-9]*//; s/[0-9]* restarts//' <<<"$faults")"; then
            echo "${faults:-no faults any more}"
        fi
    else
        print_table
    fi
}

here=$(dirname "$(readlink -f "$0")")
ruleset='' ruleset_is_known=false udp_sockets=''
find_instances
[[ ! -r $GLOBAL ]] || read_env "$GLOBAL" global
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# What is worth saying but no result: not between the lines of JSON, nor each half minute.
if $quiet; then exec {remarks}>/dev/null; else exec {remarks}>&2; fi
if [[ $action == fix ]]; then
    take_lock healthcheck 60 || die "another fix has been at it for a minute: try again"
fi
look
if [[ $action == fix ]]; then
    mend_all
    if ((${#actions[@]} > 0)); then look; fi
fi
report
for i in "${instances[@]}"; do
    [[ ${overall[$i]} != degraded ]] || exit 2
done
