#!/usr/bin/env bash
# scripts/test-deploy.sh: installs mpquic on whole Debian machines, and breaks it there.
#
# Usage: scripts/test-deploy.sh [--packages DIR] [--only STEP,...] [--keep DIR] [--help]
#
#   --packages DIR   test what scripts/package.sh has made there, instead of making it
#   --only STEP,...  of the steps below only these, and machines and install before them
#   --keep DIR       keep journals, captures and the output of every check in DIR
#
# Boots a gateway with six WANs and six LANs, a VPS, and later a Debian 13 gateway: real
# systemd, real reboots, in network namespaces (systemd-nspawn; see scripts/test/). On them:
#
#   machines   both boot, and every WAN of the gateway reaches the VPS; needs no package
#   tools      what the test measures and pulls with does what it should
#   install    the bundle on both by the install scripts: six of six tunnels up
#   lan        each LAN reaches the Internet through its own tunnel and WAN, and no other way
#   settled    checks find nothing, and repairing what is whole changes nothing
#   faults     a daemon killed, frozen; a TUN, a table, a rule gone: named by the checks,
#              repaired by them, and by their timers with nobody's help
#   wans       a WAN is pulled, and plugged in again with another address
#   reboot     each machine: everything is back with nobody's help
#   security   what systemd-analyze and lintian say
#   upgrade    to a newer version: how long each tunnel is down
#   debian13   the .deb on Debian 13, in place of the gateway
#   uninstall  what is left
#   manual     the commands of docs/operations.md, on new machines
#
# One line for each check, "ok" or "FAIL"; the last line counts them. Exits with 0 if all
# are ok, 1 if not, 77 if machines cannot run here. Needs root. Takes about ten minutes,
# and the first time four more for the Debian roots, which are kept in ~/.cache/mpquic.
# Whatever happens, its machines and namespaces are gone afterwards.
#
# Environment:
#   MPQUIC_DEBIAN_MIRROR   where debootstrap loads from; apt's own mirror else
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/machines.sh
. "$MPQUIC_HOME/scripts/test/machines.sh"
# shellcheck source=test/network.sh
. "$MPQUIC_HOME/scripts/test/network.sh"
# shellcheck source=test/checks.sh
. "$MPQUIC_HOME/scripts/test/checks.sh"
# shellcheck source=test/manual.sh
. "$MPQUIC_HOME/scripts/test/manual.sh"
# shellcheck source=test/deploy-common.sh
. "$MPQUIC_HOME/scripts/test/deploy-common.sh"
# shellcheck source=test/deploy-tools.sh
. "$MPQUIC_HOME/scripts/test/deploy-tools.sh"
# shellcheck source=test/deploy-install.sh
. "$MPQUIC_HOME/scripts/test/deploy-install.sh"
# shellcheck source=test/deploy-faults.sh
. "$MPQUIC_HOME/scripts/test/deploy-faults.sh"

readonly STEPS=(machines tools install lan settled faults wans reboot security upgrade debian13 uninstall manual)
readonly CANNOT_RUN=77

packages='' only='' keep=''
while (($# > 0)); do
    case $1 in
        --packages) packages=${2:-}; shift ;;
        --only) only=${2:-}; shift ;;
        --keep) keep=${2:-}; shift ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: $1 (try --help)" ;;
    esac
    (($# > 0)) || die "the last argument lacks its value (try --help)"
    shift
done
for name in ${only//,/ }; do
    [[ " ${STEPS[*]} " == *" $name "* ]] || die "no such step: $name (there are: ${STEPS[*]})"
done
[[ -z $packages || -d $packages ]] || die "--packages: no such folder: $packages"
[[ -z $packages ]] || packages=$(cd "$packages" && pwd)

# All steps but these work on what was installed.
wanted() {
    [[ -z $only || $1 == machines || ,$only, == *",$1,"* ]] || [[ $1 == install && ! $only =~ ^(machines|tools|manual)$ ]]
}

if is_root; then
    ensure_packages systemd-nspawn:systemd-container debootstrap:debootstrap ip:iproute2 nsenter:util-linux \
        tcpdump:tcpdump ping:iputils-ping iperf3:iperf3 nft:nftables flock:util-linux sysctl:procps ||
        warn "the test needs these"
fi
problem=$(machine_problem)
if [[ -n $problem ]]; then
    require_all && die "everything is required here, and machines cannot run: $problem"
    warn "machines cannot run here: $problem"
    exit "$CANNOT_RUN"
fi

# ---- What must be undone ---------------------------------------------------------

started=$SECONDS finished=false
exec 3>&1 4>&2
CHECK_LOGS=$(mktemp -d) BUILT=$(mktemp -d)

keep_all() {
    local name
    mkdir -p "$keep"
    for name in "${!machine_netns[@]}"; do keep_machine "$name" "$keep"; done
    cp -rT "$CHECK_LOGS" "$keep/checks" 2>/dev/null || true
    [[ -z $MEASURED ]] || cp -rT "$MEASURED" "$keep/measured" 2>/dev/null || true
    say "journals, captures and the checks' output: $keep"
}

clean_up() {
    local status=$?
    trap - EXIT
    # Once more Ctrl-C must not leave half of it.
    trap '' INT TERM
    # It may have ended within a check, whose output goes to a file.
    exec >&3 2>&4
    if ! $finished; then
        # A command of a step has failed that is no check: the rest would mean nothing.
        ((status != 0)) || status=1
        warn "the test ended early, in step ${step_now:-none}"
        show_journals >&2 || true
    fi
    [[ -z $keep ]] || keep_all
    end_machines
    end_network
    rm -rf "$CHECK_LOGS" "$BUILT"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- The test ------------------------------------------------------------------------

make_root bookworm || die "no Debian 12 machine"
if wanted debian13; then make_root trixie || die "no Debian 13 machine"; fi

# shellcheck disable=SC2034 # checks.sh calls it
ON_FAILED_CHECK=show_journals
begin_machines
begin_network
for step_now in "${STEPS[@]}"; do
    wanted "$step_now" || continue
    step "$step_now ($((SECONDS - started)) s)"
    "step_$step_now"
done
finished=true
say "took $((SECONDS - started)) s"
report_checks
