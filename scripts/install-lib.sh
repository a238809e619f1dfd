# shellcheck shell=bash
# What install_client.sh, install_server.sh and uninstall.sh share, and the package's
# maintainer scripts with them. Source it; it does nothing by itself but set the
# shell's strict mode and these paths.
# shellcheck source-path=SCRIPTDIR source=deploy-lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/deploy-lib.sh"

LIB=/usr/lib/mpquic
SHARE=/usr/share/mpquic
ETC=$MPQUIC_ETC
STATE=/var/lib/mpquic
SCRIPTS=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# What the installers wrote themselves, to know what an operator has edited since.
CHECKSUMS=$STATE/installed.sha256
# The files that an installer copied, where no package did.
MANIFEST=$STATE/manifest
MADE_FOLDERS=$STATE/made-folders
ALL_INSTANCES=(1 2 3 4 5 6)

# ---- Messages -----------------------------------------------------------------

step() { printf '==> %s\n' "$*"; }
say() { printf '    %s\n' "$*"; }
usage_error() {
    printf 'ERROR: %s (try --help)\n' "$*" >&2
    exit 2
}
require_root() { is_root || die "run this as root: sudo $0 ..."; }

require_debian_tools() {
    local pair missing=()
    for pair in ip:iproute2 openssl:openssl ping:iputils-ping sysctl:procps systemd-sysusers:systemd; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair#*:}")
    done
    ((${#missing[@]} == 0)) || die "missing here. Install with: apt-get install ${missing[*]}"
    systemd_runs || die "systemd does not run here; the daemon alone needs none: java -jar mpquic-cli.jar --help"
}

systemd_runs() { [[ -d /run/systemd/system ]]; }

# ---- The program's files ------------------------------------------------------------

# Copies the program to where it belongs, unless it runs from there: a package
# has put it there then.
place_program() {
    if [[ $SCRIPTS == "$LIB/scripts" ]]; then
        say "the program is installed in $LIB"
        return
    fi
    local tree=$SCRIPTS/../root
    if [[ -e $SCRIPTS/../pom.xml ]]; then
        step "Building from the sources"
        "$SCRIPTS/package.sh" --tree
        tree=$SCRIPTS/../target/dist/root
    fi
    [[ -x $tree$LIB/bin/mpquic ]] || die "$tree has no program: unpack the whole bundle and run its scripts/ from there"
    ! dpkg-query -W -f '${Status}' mpquic 2>/dev/null | grep -q 'ok installed' ||
        die "the package mpquic is installed here: upgrade it with apt, then run mpquic-install-client or -server"
    step "Copying the program to $LIB"
    copy_tree "$tree"
}

# Files of the tree, as paths from its root; what lies in /etc only where it is not
# the operator's to edit.
tree_files() {
    (cd "$1" && find . \( -type f -o -type l \) -printf '/%P\n' | grep -v '^/etc/mpquic/' | sort)
}

# Of the files named on standard input those that are another in the tree than here.
different_files() {
    local tree=$1 file
    while read -r file; do
        if [[ -L $tree$file ]]; then
            [[ $(readlink "$file" || true) == "$(readlink "$tree$file")" ]] || echo ".$file"
        elif [[ -L $file ]] || ! cmp -s "$tree$file" "$file" || [[ $(stat -c %a "$tree$file") != "$(stat -c %a "$file")" ]]; then
            echo ".$file"
        fi
    done
}

# Of the folders of the files named on standard input those that are not here yet.
missing_folders() {
    local folder
    while read -r folder; do
        folder=$(dirname "$folder")
        until [[ -e $folder ]]; do
            echo "$folder"
            folder=$(dirname "$folder")
        done
    done | sort -u
}

copy_tree() {
    local tree=$1 old=$STATE/manifest.old
    install -d -m 0755 "$STATE"
    if [[ -f $MANIFEST ]]; then mv "$MANIFEST" "$old"; else : >"$old"; fi
    # Written first: should the copy break off, uninstall.sh still knows all of it.
    tree_files "$tree" >"$MANIFEST"
    missing_folders <"$MANIFEST" >>"$MADE_FOLDERS"
    # A running daemon keeps the files that it has open: they are replaced, not written over.
    # What is the same stays, so that nothing is restarted for it.
    (cd "$tree" && different_files "$tree" <"$MANIFEST" |
        tar --create --no-recursion --owner=0 --group=0 --files-from=- --file=-) |
        tar --extract --unlink-first --directory=/ --file=-
    # What an older version had and this one has not.
    comm -23 "$old" "$MANIFEST" | while read -r file; do rm -f "$file"; done
    rm -f "$old"
}

# User, folders, start-up cache, units: what a package's postinst does as well. Idempotent.
set_up_system() {
    systemd-sysusers "/usr/lib/sysusers.d/mpquic.conf"
    if systemd_runs; then systemd-tmpfiles --create "/usr/lib/tmpfiles.d/mpquic.conf"; fi
    install -d -m 0755 "$ETC" "$ETC/instances" "$STATE"
    install -d -m 0750 -g mpquic "$ETC/tls"
    # Without it the daemon starts as well, only later.
    "$LIB/scripts/make_aot_cache.sh" || warn "no AOT cache: tunnels start about half a second later"
    if systemd_runs; then systemctl daemon-reload; fi
}

# Restarts what runs with files that have changed since it started, one after the other:
# each tunnel is away for as long as its own restart takes, and not for that of all six.
restart_outdated() {
    local unit
    while read -r unit _; do
        is_outdated "$unit" || continue
        say "restarting $unit"
        systemctl restart "$unit" || warn "$unit does not start: journalctl --namespace mpquic -u $unit"
    done < <(systemctl list-units --plain --no-legend --state=active,activating 'mpquic@*.service')
}

# True when a file that this unit runs with was put there after its process had started.
is_outdated() {
    local number=${1#mpquic@}
    number=${number%.service}
    is_older "$1" "$LIB/mpquic-cli.jar" "$LIB/bin/mpquic" "$LIB/runtime/lib/modules" \
        "/usr/lib/systemd/system/mpquic@.service" "$ETC/global.env" "$ETC/tls" \
        "$ETC/instances/$number.yaml" "$ETC/instances/$number.env"
}

# is_older UNIT FILE...: its process started before one of the files came.
is_older() {
    local started
    started=$(systemctl show --property ExecMainStartTimestampMonotonic --value "$1")
    # Since the boot, in microseconds; find wants the time of day.
    started=$(awk -v now="$(date +%s.%N)" -v started="$started" '{ printf "%.2f", now - $1 + started / 1e6 }' /proc/uptime)
    [[ -n $(find "${@:2}" -type f -newerct "@$started" -print -quit 2>/dev/null) ]]
}

# ---- Configuration ------------------------------------------------------------------

checksum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
recorded_checksum() { [[ ! -f $CHECKSUMS ]] || awk -v file="$1" '$2 == file { print $1 }' "$CHECKSUMS"; }

record_checksum() {
    local others=''
    if [[ -f $CHECKSUMS ]]; then others=$(awk -v file="$1" '$2 != file' "$CHECKSUMS"); fi
    { [[ -z $others ]] || printf '%s\n' "$others"; printf '%s  %s\n' "$(checksum_of "$1")" "$1"; } >"$CHECKSUMS.new"
    mv "$CHECKSUMS.new" "$CHECKSUMS"
}

# True when the file is as an installer wrote it.
is_unedited() { [[ -f $1 && $(recorded_checksum "$1") == "$(checksum_of "$1")" ]]; }

# install_config FILE: standard input becomes FILE, unless an operator has edited it.
# Then the new text is put beside it as FILE.dist, when it is new.
install_config() {
    local file=$1 text
    text=$(mktemp "$file.XXXXXX")
    cat >"$text"
    chmod 0644 "$text"
    if cmp -s "$text" "$file"; then
        rm -f "$text" "$file.dist"
        record_checksum "$file"
    elif [[ ! -e $file ]] || is_unedited "$file"; then
        mv "$text" "$file"
        record_checksum "$file"
        rm -f "$file.dist"
    else
        mv "$text" "$file.dist"
        say "kept $file, which was edited; what it would be is in $file.dist"
    fi
}

# install_key MODE SOURCE FILE: a certificate or key that the daemon reads. What is the same stays
# as it is, to the moment of its last change ("install -C" does not see to that).
install_key() {
    if cmp -s "$2" "$3" && [[ $(stat -c '%a %U %G' "$3") == "$1 root mpquic" ]]; then return; fi
    install -m "$1" -o root -g mpquic "$2" "$3"
}

# set_global KEY VALUE: in global.env, leaving all else there as it is.
set_global() {
    local file=$ETC/global.env ours=false
    [[ ! -f $file || $(global_value "$1") != "$2" ]] || return 0
    if [[ ! -f $file ]]; then
        install -m 0644 "$SHARE/config/global.env" "$file"
        ours=true
    elif is_unedited "$file"; then
        ours=true
    fi
    if grep -q "^$1=" "$file"; then sed -i "s|^$1=.*|$1=$2|" "$file"; else echo "$1=$2" >>"$file"; fi
    if $ours; then record_checksum "$file"; fi
}

# env_value FILE KEY: what systemd would read there; nothing where the file or the key is missing.
env_value() {
    local -A values=()
    if [[ -f $1 ]]; then read_env "$1" values; fi
    echo "${values[$2]:-}"
}

global_value() { env_value "$ETC/global.env" "$1"; }

is_host() { [[ $1 =~ ^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$ ]]; }

# True when an interface of this machine has the address.
is_local() { ip -o address show | awk '{ sub("/.*", "", $4); print $4 }' | grep -qxF "$1"; }

# This machine is one end, not both: the other end's installer here would be a mistake.
claim_role() {
    local role
    role=$(global_value MPQUIC_ROLE)
    [[ -z $role || $role == "$1" ]] ||
        die "$ETC/global.env says MPQUIC_ROLE=$role: this machine is the tunnels' $role. To change that, run uninstall.sh first"
    set_global MPQUIC_ROLE "$1"
}

# Numbers of instances among the arguments, or all six.
parse_instances() {
    local number
    (($# > 0)) || set -- "${ALL_INSTANCES[@]}"
    for number in "$@"; do
        [[ $number =~ ^[1-6]$ ]] || usage_error "no instance: $number (1 to 6)"
    done
    INSTANCES=("$@")
}

# What networkd is told of other programs' routes counts when it starts; and its dispatcher has hooks now.
tell_networkd() {
    if systemctl --quiet is-active systemd-networkd.service &&
        is_older systemd-networkd.service /usr/lib/systemd/networkd.conf.d/60-mpquic.conf; then
        step "Restarting systemd-networkd, so that it leaves the routes into the tunnels alone"
        systemctl restart systemd-networkd.service
    fi
    # It does not run while there are no hooks, and there were none when the machine booted.
    if systemctl --quiet is-enabled networkd-dispatcher.service 2>/dev/null; then
        systemctl start networkd-dispatcher.service
    fi
}

# ---- Services -------------------------------------------------------------------------

# start_instances TIMER...: enables and starts them and the timers.
start_instances() {
    local number units=()
    for number in "${INSTANCES[@]}"; do units+=("mpquic@$number.service"); done
    step "Starting ${units[*]}"
    restart_outdated
    # A wrong configuration is reported by the unit itself; the others start.
    systemctl enable --quiet "${units[@]}" "$@"
    systemctl start "${units[@]}" "$@" || true
}

# Stops everything, and takes back what it has done to the system: interfaces, routes, rules.
# What others have made is left alone.
tear_down() {
    local number name
    step "Stopping the tunnels"
    if systemd_runs; then
        systemctl disable --quiet --now mpquic-healthcheck.timer mpquic-lan-routing.timer 2>/dev/null || true
        # What they have started may still be at work, and would make again what is removed below.
        systemctl stop mpquic-lan-routing-soon.service mpquic-{healthcheck,lan-routing}.service 2>/dev/null || true
        for number in "${ALL_INSTANCES[@]}"; do systemctl disable --quiet --now "mpquic@$number.service" 2>/dev/null || true; done
        # A check that was stopped in the middle counts as failed, and would be listed for ever.
        systemctl reset-failed 'mpquic*' 2>/dev/null || true
        systemctl stop systemd-journald@mpquic.service systemd-journald@mpquic.socket systemd-journald-varlink@mpquic.socket 2>/dev/null || true
    fi
    ip -4 rule flush protocol "$OUR_PROTOCOL" 2>/dev/null || true
    ip -4 route flush table all proto "$OUR_PROTOCOL" 2>/dev/null || true
    for number in "${ALL_INSTANCES[@]}"; do
        name=$(env_value "$ETC/instances/$number.env" TUN_NAME)
        [[ -n $name ]] || continue
        ip tuntap del dev "$name" mode tun 2>/dev/null || true
    done
}

# Removes the configuration files that nobody has edited.
remove_unedited() {
    local file
    [[ -f $CHECKSUMS ]] || return 0
    while read -r _ file; do
        if is_unedited "$file"; then rm -f "$file"; elif [[ -e $file ]]; then say "kept $file, which was edited"; fi
        rm -f "$file.dist"
    done <"$CHECKSUMS"
    rm -f "$CHECKSUMS"
}

# The state of things after an installation, in the words of the health check.
report_health() {
    step "Health"
    "$LIB/scripts/mpquic-healthcheck.sh" "$1" check ||
        warn "not all is well yet; again: mpquic-healthcheck $1 check, and: journalctl --namespace mpquic -e"
}
