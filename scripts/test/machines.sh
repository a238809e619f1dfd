# shellcheck shell=bash
# Whole Debian machines for tests: a root made by debootstrap, booted with its own
# systemd by systemd-nspawn in a network namespace that the test makes. Source it
# after scripts/lib.sh; it does nothing by itself.
#
#   make_root bookworm                 once; kept in ~/.cache/mpquic
#   begin_machines                     a folder for this run's machines
#   new_machine vps bookworm NETNS     a copy of the root, not running yet
#   start_machine vps                  boots it; returns when systemd is done
#   in_machine vps COMMAND...          runs a command in it, as root
#   reboot_machine vps WIRE...         powers off, calls WIRE... to make its network anew, boots
#   end_machines                       powers everything off and removes it: call it from a trap
#
# Needs root, systemd-container, debootstrap and overlayfs. No machined, no running
# systemd on the host: a machine is a process of ours, entered through its namespaces.
# Nothing of the host is changed, and a machine can change of the kernel's settings
# (/proc/sys) only those of its own network.

# What every machine has: what the package depends on, because machines have no way to
# a mirror, and what a test needs in them.
MACHINE_PACKAGES=(systemd systemd-sysv dbus iproute2 nftables iputils-ping procps openssl
    networkd-dispatcher iperf3)
# Count up when make_root does something else with the same packages.
MACHINE_RECIPE=1
MACHINE_BOOT_S=60 MACHINE_POWEROFF_S=45 MACHINE_COMMAND_S=180

MACHINE_ARCH=$(dpkg --print-architecture 2>/dev/null || uname -m)
MACHINES=''
declare -A machine_init=() machine_nspawn=() machine_netns=()

# ---- Roots ---------------------------------------------------------------------

root_of() { echo "$MPQUIC_CACHE/machine-$1-$MACHINE_ARCH"; }

# make_root RELEASE: makes the root of that Debian release, unless it is there already.
make_root() {
    mkdir -p "$MPQUIC_CACHE"
    # Two test runs at once must not build the same root.
    (
        flock 9
        make_root_unlocked "$1"
    ) 9>"$MPQUIC_CACHE/machines.lock"
}

make_root_unlocked() {
    local release=$1 root partial made_from fingerprint mirror packages
    root=$(root_of "$release") packages=$(IFS=, && echo "${MACHINE_PACKAGES[*]}")
    partial=$root.partial made_from=$root.made-from
    fingerprint="$release $MACHINE_RECIPE $packages"
    if [[ -d $root && -f $made_from && $(<"$made_from") == "$fingerprint" ]]; then
        say "Debian $release: $root"
        return
    fi
    rm -rf --one-file-system "$partial" "$made_from"
    mirror=${MPQUIC_DEBIAN_MIRROR:-$(apt_mirror || true)}
    run_with_progress "Making a Debian $release machine in $root" "$root.log" \
        debootstrap --variant=minbase --include="$packages" "$release" "$partial" ${mirror:+"$mirror"} || return 1
    rm -rf "$partial"/var/cache/apt/archives/*.deb "$partial"/var/lib/apt/lists/* "$partial/etc/machine-id" \
        "$partial/etc/hostname"
    # A machine has no name server. Journals are kept, because a test reads those of a machine that is off.
    : >"$partial/etc/resolv.conf"
    mkdir -p "$partial/var/log/journal"
    # They would wait for a network or a clock that nobody has here, or start apt in the middle of a test.
    systemctl --root="$partial" mask --quiet systemd-networkd-wait-online.service apt-daily.timer \
        apt-daily-upgrade.timer || return 1
    rm -rf --one-file-system "$root"
    mv "$partial" "$root"
    echo "$fingerprint" >"$made_from"
}

# ---- Machines --------------------------------------------------------------------

# machine_problem: prints why machines cannot run here, or nothing.
machine_problem() {
    is_root || { echo "not root"; return; }
    have systemd-nspawn || { echo "no systemd-nspawn (Debian package systemd-container)"; return; }
    [[ -c /dev/net/tun ]] || { echo "no /dev/net/tun"; return; }
    grep -qw overlay /proc/filesystems || modprobe -q overlay 2>/dev/null || { echo "no overlayfs"; return; }
}

begin_machines() {
    mkdir -p "$MPQUIC_CACHE"
    # Beside the roots and not in /tmp, which may be small, or itself an overlay.
    MACHINES=$(mktemp -d "$MPQUIC_CACHE/machines.XXXXXX")
    # The device as a real machine has it: for everybody. The host's own may be root's alone.
    mkdir "$MACHINES/dev"
    mount -t tmpfs -o mode=0755,size=64k mpquic-test "$MACHINES/dev"
    mknod -m 0666 "$MACHINES/dev/tun" c 10 200
}

machine_root() { echo "$MACHINES/$1/root"; }

# new_machine NAME RELEASE NETNS: what it writes goes to a layer of its own over the root.
new_machine() {
    local name=$1 release=$2 dir=$MACHINES/$1
    machine_netns[$name]=$3
    mkdir -p "$dir/upper" "$dir/work" "$dir/root"
    mount -t overlay mpquic-test -o "lowerdir=$(root_of "$release"),upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
    echo "$name" >"$dir/root/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$dir/root/etc/hosts"
    tr -d - </proc/sys/kernel/random/uuid >"$dir/root/etc/machine-id"
}

# Moves the calling subshell into a control group for this machine, in each hierarchy
# that systemd-nspawn looks at: two machines in one group would share their units' groups.
enter_machine_cgroup() {
    local hierarchy
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [[ -f $hierarchy/cgroup.procs ]] || continue
        mkdir -p "$hierarchy/mpquic-test-$$/$1"
        echo "$BASHPID" >"$hierarchy/mpquic-test-$$/$1/cgroup.procs"
    done
}

# start_machine NAME: boots it and waits until its systemd has nothing left to start.
start_machine() {
    local name=$1 dir=$MACHINES/$1 state='' deadline=$((SECONDS + MACHINE_BOOT_S))
    (
        enter_machine_cgroup "$name"
        # Debian 13 boots only with the unified hierarchy. Its own network settings must be
        # writable: ip_forward, rp_filter.
        export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
        exec systemd-nspawn --quiet --boot --register=no --keep-unit --console=pipe \
            --directory="$dir/root" --machine="mpquic-$$-$name" --hostname="$name" \
            --network-namespace-path="/run/netns/${machine_netns[$name]}" \
            --capability=CAP_NET_ADMIN --bind="$MACHINES/dev/tun:/dev/net/tun" \
            --resolv-conf=off --timezone=off --link-journal=no --suppress-sync=yes
    ) >>"$dir/console.log" 2>&1 </dev/null &
    machine_nspawn[$name]=$!
    while ((SECONDS < deadline)); do
        if ! is_machine_running "$name"; then
            tail -n 20 "$dir/console.log"
            warn "machine $name did not boot"
            return 1
        fi
        if find_init "$name"; then
            state=$(in_machine "$name" systemctl is-system-running 2>/dev/null || true)
            case $state in
                running) return ;;
                degraded)
                    warn "machine $name has booted with failed units:"
                    in_machine "$name" systemctl list-units --failed --no-legend --plain >&2
                    return
                    ;;
            esac
        fi
        sleep 0.1
    done
    in_machine "$name" systemctl list-jobs --no-pager || true
    warn "machine $name is '$state' after $MACHINE_BOOT_S s, and not yet running"
    return 1
}

is_machine_running() { [[ -n ${machine_nspawn[$1]:-} ]] && kill -0 "${machine_nspawn[$1]}" 2>/dev/null; }

# Finds the process that is pid 1 in the machine. Before it is called systemd it is
# still a part of systemd-nspawn, with one foot on the host: not to be entered.
find_init() {
    local children init
    read -r children 2>/dev/null <"/proc/${machine_nspawn[$1]}/task/${machine_nspawn[$1]}/children" || true
    init=${children%% *}
    [[ -n $init && $(cat "/proc/$init/comm" 2>/dev/null) == systemd ]] || return 1
    machine_init[$1]=$init
}

# in_machine NAME COMMAND...: as root, with a login's environment and not the test's.
in_machine() {
    local name=$1 init=${machine_init[$1]:-}
    shift
    [[ -n $init ]] || { echo "machine $name is off, so not done there: $*" >&2; return 1; }
    timeout -k 5 "$MACHINE_COMMAND_S" nsenter -t "$init" -a -- env -i HOME=/root LANG=C.UTF-8 \
        SYSTEMD_COLORS=0 SYSTEMD_PAGER='' DEBIAN_FRONTEND=noninteractive TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# in_machine_sh NAME SCRIPT [ARGUMENT...]: the same for several commands, in /root.
in_machine_sh() { in_machine "$1" bash -ec "cd /root; $2" sh "${@:3}"; }

copy_to_machine() { cp -r "$2" "$(machine_root "$1")$3"; }

# stop_machine NAME: as its power button does; after a time limit, as its plug does.
stop_machine() {
    local name=$1 deadline=$((SECONDS + MACHINE_POWEROFF_S)) status=0
    is_machine_running "$name" || return 0
    # systemd's own number for "power off".
    [[ -z ${machine_init[$name]:-} ]] || kill -s RTMIN+4 "${machine_init[$name]}" 2>/dev/null || true
    while is_machine_running "$name" && ((SECONDS < deadline)); do sleep 0.1; done
    if is_machine_running "$name"; then
        status=1
        unplug_machine "$name"
    fi
    wait "${machine_nspawn[$name]}" 2>/dev/null || true
    unset "machine_init[$name]" "machine_nspawn[$name]"
    return "$status"
}

# unplug_machine NAME: kills everything in it at once.
unplug_machine() {
    kill -KILL "${machine_init[$1]:-${machine_nspawn[$1]}}" 2>/dev/null || true
    # systemd-nspawn ends by itself when its pid 1 is gone.
    for _ in {1..50}; do
        is_machine_running "$1" || return 0
        sleep 0.1
    done
    kill -KILL "${machine_nspawn[$1]}" 2>/dev/null || true
}

# reboot_machine NAME WIRE...: a reboot as hardware does it. systemd-nspawn's own keeps
# the network namespace; a real one loses TUN devices, addresses, routes, rules and
# nftables. So WIRE... is called between power-off and boot, to make the namespace anew.
reboot_machine() {
    stop_machine "$1" || return 1
    "${@:2}" || return 1
    start_machine "$1"
}

# machine_journal NAME [ARGUMENT...]: all of its journals, running or not, with those of
# the log namespaces.
machine_journal() {
    local root
    root=$(machine_root "$1")
    # shellcheck disable=SC2016 # the shell in the machine fills them in
    chroot "$root" /bin/bash -c 'exec journalctl --no-pager --quiet -o short-precise $(printf -- " --file=%s" /var/log/journal/*/*.journal) "$@"' \
        sh "${@:2}" </dev/null
}

# keep_machine NAME DIR: its journal and what its console said.
keep_machine() {
    [[ -d $MACHINES/$1/root/etc ]] || return 0
    machine_journal "$1" >"$2/$1.journal" 2>/dev/null || true
    cp "$MACHINES/$1/console.log" "$2/$1.console" 2>/dev/null || true
}

# remove_machine NAME: powers it off without waiting for its services, and removes it.
remove_machine() {
    local name=$1
    if is_machine_running "$name"; then
        unplug_machine "$name"
        wait "${machine_nspawn[$name]}" 2>/dev/null || true
    fi
    unset "machine_init[$name]" "machine_nspawn[$name]" "machine_netns[$name]"
    umount "$MACHINES/$name/root" 2>/dev/null || true
    rm -rf --one-file-system "${MACHINES:?}/$name"
    rmdir "/run/systemd/nspawn/propagate/mpquic-$$-$name" 2>/dev/null || true
}

end_machines() {
    local name hierarchy
    [[ -n $MACHINES ]] || return 0
    for name in "${!machine_netns[@]}"; do remove_machine "$name"; done
    umount "$MACHINES/dev" 2>/dev/null || true
    rm -rf --one-file-system "$MACHINES"
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [[ -d $hierarchy/mpquic-test-$$ ]] || continue
        find "$hierarchy/mpquic-test-$$" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    MACHINES=''
}
