# shellcheck shell=bash disable=SC2154 # what the other files of the test set
# What the steps of scripts/test-deploy.sh share: the packages under test, the state of
# the tunnels, and the journals. Sourced by it.

# shellcheck disable=SC2034 # for the steps
readonly UP_WITHIN_S=60 ROUTE_PROTOCOL=145
# The machine that is the gateway now: step debian13 puts another in its place.
gateway=gateway newer=''

# ---- Packages -----------------------------------------------------------------------

# The packages under test, made when first needed.
need_packages() {
    [[ -z $packages ]] || return 0
    make_packages "Packaging mpquic" "$BUILT/packages"
    packages=$BUILT/packages
}

# The same with a higher version, in the folder newer.
need_newer_packages() {
    newer=$BUILT/newer
    [[ -d $newer ]] || make_packages "Packaging a newer version" "$newer" --version 999.0
}

# make_packages LABEL DIR [ARGUMENT...]
make_packages() {
    mkdir -p "$2"
    run_with_progress "$1" "$BUILT/package.log" "$MPQUIC_HOME/scripts/package.sh" --output "$2" "${@:3}" ||
        die "scripts/package.sh failed"
}

# the_file DIR PATTERN: the one file there with that name.
the_file() {
    local found
    mapfile -t found < <(find "$1" -maxdepth 1 -name "$2" -type f)
    ((${#found[@]} == 1)) || die "there must be one file $2 in $1, not ${#found[@]}"
    echo "${found[0]}"
}

# put_packages MACHINE DIR: the bundle and the .deb in /root, where an administrator loads them.
put_packages() {
    rm -rf "$(machine_root "$1")"/root/mpquic*
    copy_to_machine "$1" "$(the_file "$2" 'mpquic-*.tar.gz')" /root/
    copy_to_machine "$1" "$(the_file "$2" 'mpquic_*.deb')" /root/
}

# carry_credentials TO: what the VPS's installer made for its clients, as scp would bring it.
carry_credentials() {
    copy_to_machine "$1" "$(machine_root vps)/var/lib/mpquic/client-credentials.tar" /root/
}

# ---- The tunnels -----------------------------------------------------------------------

# for_all COMMAND...: runs it with each instance's number as a last argument, all at once.
# False, and says for which, if it is not true for all.
for_all() {
    local i waiting=() bad=()
    for i in "${TEST_INSTANCES[@]}"; do
        "$@" "$i" &
        waiting+=("$!")
    done
    for i in "${TEST_INSTANCES[@]}"; do wait "${waiting[i - 1]}" || bad+=("$i"); done
    ((${#bad[@]} == 0)) && return
    echo "not so for: ${bad[*]} ($*)"
    return 1
}

tunnel_answers() { answers gateway "10.200.$1.2"; }
lan_answers() { answers "lan$1" "$INTERNET_HOST"; }
status_of() { in_machine "$1" systemctl show --property StatusText --value "mpquic@$2.service"; }
is_up() {
    local status
    status=$(status_of "$1" "$2")
    [[ ${status%% *} == up ]] || { echo "$1 $2: $status"; return 1; }
}

# six_of_six: the tunnels answer, the LANs reach the Internet, and both ends say that they are up.
six_of_six() {
    for_all tunnel_answers && for_all lan_answers && for_all is_up "$gateway" && for_all is_up vps
}

# As seen from outside alone: quick, for what is polled.
six_answer() { for_all tunnel_answers && for_all lan_answers; }

# health MACHINE check|fix, for the end that the machine is.
health() {
    local role=client
    [[ $1 != vps ]] || role=server
    in_machine "$1" mpquic-healthcheck "$role" "${@:2}"
}
routing() { in_machine "$gateway" mpquic-lan-routing-check "$@"; }
all_is_well() { six_of_six && health "$gateway" check && health vps check && routing check; }

readonly TIMERS=(mpquic-healthcheck.timer mpquic-lan-routing.timer)
stop_timers() {
    in_machine "$gateway" systemctl stop "${TIMERS[@]}"
    in_machine vps systemctl stop mpquic-healthcheck.timer
}
start_timers() {
    in_machine "$gateway" systemctl start "${TIMERS[@]}"
    in_machine vps systemctl start mpquic-healthcheck.timer
}

units_active() {
    local name=$1 active
    shift
    active=$(in_machine "$name" systemctl is-active "$@" || true)
    paste <(printf '%s\n' "$@") <(echo "$active")
    [[ $(grep -cx active <<<"$active") == "$#" ]]
}

no_failed_unit() {
    local failed
    failed=$(in_machine "$1" systemctl list-units --failed --no-legend --plain)
    [[ -z $failed ]] || { echo "$failed"; return 1; }
}

# ---- What a machine is like -------------------------------------------------------------

# files_of MACHINE: every file that packages, installers and daemons may make, without
# those that a running system makes by itself.
files_of() {
    in_machine "$1" find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root \
        -o -path /var/log/journal -o -path /var/lib/systemd -o -path /var/tmp -o -path /var/lib/dpkg -o -path /var/lib/apt \
        -o -path /var/cache/apt -o -path /var/cache/debconf -o -path /var/log/apt -o -path /var/log/dpkg.log \) -prune -o -print | sort
}

# state_of MACHINE: its routing, its firewall, and since when its units run.
state_of() {
    # shellcheck disable=SC2016 # the machine's shell fills them in
    in_machine_sh "$1" '
        for family in -4 -6; do ip "$family" rule; ip "$family" route show table all; done
        ip -d address
        nft list ruleset
        for i in 1 2 3 4 5 6; do
            systemctl show "mpquic@$i" --property Id,ActiveState,MainPID,NRestarts,ExecMainStartTimestampMonotonic
        done' | sed 's/ *\(valid_lft\|expires\) [^ ]*\( preferred_lft [^ ]*\)*//'
}

# Shown with a check that has failed: what the machines complained about last.
show_journals() {
    local name
    for name in "${!machine_netns[@]}"; do
        # A machine may not raise its limits; dbus-daemon says so at each boot.
        machine_journal "$name" -p warning -n 6 | grep -v 'Failed to set fd limit'
    done
}
