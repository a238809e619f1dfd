# shellcheck shell=bash
# What the scripts share that run on a gateway or a VPS, without the repository.
# Source it; it does nothing by itself but set the shell's strict mode, the
# language of other programs' output, and the names below.
set -euo pipefail
export LC_ALL=C
# Hooks are called with a short PATH. What is on it already comes first.
export PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/usr/bin:/sbin:/bin

MPQUIC_ETC=${MPQUIC_ETC:-/etc/mpquic}
MPQUIC_USER=${MPQUIC_USER:-mpquic}
# Locks, stamps and memories of root's scripts. Not in /run/mpquic: that folder
# belongs to the daemon's user, who could put a link there for root to follow.
MPQUIC_CHECKS_RUN=${MPQUIC_CHECKS_RUN:-/run/mpquic-checks}
# The route protocol number that tells our routes and rules from the operator's.
# shellcheck disable=SC2034 # for those that source this
OUR_PROTOCOL=145

warn() { printf 'WARNING: %s\n' "$*" >&2; }
die() {
    printf 'ERROR: %s\n' "$*" >&2
    exit 1
}

# Prints the comment block at the head of the calling script: its manual.
print_manual() { sed -n '2,/^[^#]/ { /^#/! d; /^# shellcheck/ d; s/^# \{0,1\}//; p }' "$1"; }

is_root() { ((EUID == 0)); }

# Seconds since boot, into REPLY: a clock that nobody sets.
uptime_s() { read -r REPLY _ </proc/uptime && REPLY=${REPLY%.*}; }

# ---- Files of KEY=VALUE lines ---------------------------------------------------

# unquote TEXT: the value of a KEY=TEXT line, into REPLY: without quotes around it
# and without a comment behind it.
unquote() {
    REPLY=$1
    case $REPLY in
        \"*\"*) REPLY=${REPLY#\"} REPLY=${REPLY%%\"*} ;;
        \'*\'*) REPLY=${REPLY#\'} REPLY=${REPLY%%\'*} ;;
        *)
            if [[ $REPLY =~ ^(.*[[:space:]]|)#.*$ ]]; then REPLY=${BASH_REMATCH[1]}; fi
            REPLY=${REPLY%"${REPLY##*[![:space:]]}"}
            ;;
    esac
}

# read_env FILE ARRAY: reads KEY=VALUE lines into an associative array, as systemd
# reads an EnvironmentFile. The file is data: nothing in it is run.
read_env() {
    local line
    local -n into=$2
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        if [[ $line =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then
            local key=${BASH_REMATCH[1]}
            unquote "${BASH_REMATCH[2]}"
            # shellcheck disable=SC2034,SC2004 # the caller's associative array
            into[$key]=$REPLY
        fi
    done <"$1"
}

# ---- Names and addresses ----------------------------------------------------------

is_interface_name() { [[ $1 =~ ^[^/[:space:]:]{1,15}$ && $1 != . && $1 != .. ]]; }

# ipv4_number ADDRESS: its 32 bits, into REPLY. Fails if it is no IPv4 address.
ipv4_number() {
    local byte='(0|[1-9][0-9]{0,2})'
    [[ $1 =~ ^$byte\.$byte\.$byte\.$byte$ ]] || return 1
    local a=${BASH_REMATCH[1]} b=${BASH_REMATCH[2]} c=${BASH_REMATCH[3]} d=${BASH_REMATCH[4]}
    ((a < 256 && b < 256 && c < 256 && d < 256)) || return 1
    REPLY=$((a << 24 | b << 16 | c << 8 | d))
}

# ipv4_network PREFIX: the network's number and its mask, into REPLY and MASK; the
# network as it should be written, into NETWORK. Fails if PREFIX is no ADDRESS/LENGTH.
ipv4_network() {
    local length=${1##*/}
    [[ $1 == */* && $length =~ ^(0|[1-9][0-9]?)$ ]] && ((length <= 32)) && ipv4_number "${1%/*}" || return 1
    MASK=$((length == 0 ? 0 : (0xffffffff << (32 - length)) & 0xffffffff))
    REPLY=$((REPLY & MASK))
    # shellcheck disable=SC2034 # for those that source this
    NETWORK=$((REPLY >> 24)).$((REPLY >> 16 & 255)).$((REPLY >> 8 & 255)).$((REPLY & 255))/$length
}

# ---- The kernel's links and systemd's units -----------------------------------------

# shellcheck disable=SC2034 # for those that source this
declare -A LINK_FLAGS=() LINK_INDEX=() LINK_ADDRESSES=() UNIT=()

# Reads all links into LINK_FLAGS and LINK_INDEX, and their global addresses that
# can be used (not tentative, not refused as doubled) into LINK_ADDRESSES.
read_links() {
    local index name flags family address rest
    LINK_FLAGS=() LINK_INDEX=() LINK_ADDRESSES=()
    while read -r index name flags rest; do
        name=${name%:}
        name=${name%%@*}
        # shellcheck disable=SC2034 # for those that source this
        LINK_INDEX[$name]=${index%:}
        LINK_FLAGS[$name]=,${flags:1:-1},
    done < <(ip -o link show)
    while read -r index name family address rest; do
        case $rest in *tentative* | *dadfailed*) continue ;; esac
        LINK_ADDRESSES[$name]+="${family}:$address "
    done < <(ip -o addr show scope global)
}

# has_flag LINK FLAG
has_flag() { [[ ${LINK_FLAGS[$1]:-} == *,"$2",* ]]; }

# why_unusable LINK [inet]: why a WAN cannot be used, into REPLY; empty if it can.
why_unusable() {
    if [[ -z ${LINK_FLAGS[$1]:-} ]]; then
        REPLY="$1 is absent"
    elif ! has_flag "$1" UP; then
        REPLY="$1 is switched off"
    elif ! has_flag "$1" LOWER_UP; then
        REPLY="$1 has no carrier"
    elif [[ ${LINK_ADDRESSES[$1]:-} != *"${2:-}":* ]]; then
        REPLY="$1 has no ${2:+IPv4 }address"
    else
        REPLY=''
    fi
}

# read_units INSTANCE...: what systemd knows of them, into UNIT[INSTANCE.Property].
read_units() {
    local line instance=''
    UNIT=()
    while IFS= read -r line; do
        case $line in
            Id=mpquic@*) instance=${line#Id=mpquic@} instance=${instance%.service} ;;
            '') instance='' ;;
        esac
        # Id comes wherever systemd likes; lines before it wait for it.
        if [[ -z $instance ]]; then
            [[ -z $line ]] || UNIT[.${line%%=*}]=${line#*=}
            continue
        fi
        local key
        for key in "${!UNIT[@]}"; do
            [[ $key == .* ]] || continue
            UNIT[$instance$key]=${UNIT[$key]}
            unset "UNIT[$key]"
        done
        UNIT[$instance.${line%%=*}]=${line#*=}
    done < <(systemctl show --no-pager \
        -p Id,LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID,StatusText,InactiveExitTimestampMonotonic \
        "${@/#/mpquic@}" 2>/dev/null || true)
}

# status_value TEXT KEY: the value of KEY in a status line "word KEY=value ...", into REPLY.
status_value() {
    REPLY=''
    if [[ $1 =~ (^| )$2=(\"([^\"]*)\"|([^ ]*)) ]]; then REPLY=${BASH_REMATCH[3]}${BASH_REMATCH[4]}; fi
}

# ---- What root's scripts keep in MPQUIC_CHECKS_RUN -------------------------------------

make_memory() {
    [[ -d $MPQUIC_CHECKS_RUN ]] || mkdir -m 0700 "$MPQUIC_CHECKS_RUN" 2>/dev/null || [[ -d $MPQUIC_CHECKS_RUN ]]
}

# take_lock NAME SECONDS: keeps others out until this script ends. Fails after SECONDS.
take_lock() {
    local lock
    make_memory
    exec {lock}>"$MPQUIC_CHECKS_RUN/$1.lock"
    flock -w "$2" "$lock"
}

# is_news NAME TEXT: whether TEXT is another than that of the last call, or, when there
# was none, not empty. Remembers it.
is_news() {
    local file=$MPQUIC_CHECKS_RUN/$1.last before=''
    [[ ! -r $file ]] || before=$(<"$file")
    [[ $before != "$2" ]] || return 1
    make_memory
    printf '%s\n' "$2" >"$file"
}
