#!/usr/bin/env bash
# uninstall.sh: removes mpquic from this machine.
#
# Usage: uninstall.sh [--purge]
#
#   --purge   remove keys, certificates, edited configuration and logs as well
#
# Stops the tunnels, removes their interfaces, the routes and rules that mpquic made,
# the program, and the configuration files that nobody has edited. Without --purge it
# keeps what is yours: edited files in /etc/mpquic, the keys in /etc/mpquic/tls, and
# on the VPS the certificate authority in /var/lib/mpquic/authority.
#
# Exit codes: 0 removed; 1 it failed; 2 the command line is wrong.
# shellcheck source-path=SCRIPTDIR source=install-lib.sh
. "$(dirname "$(readlink -f "$0")")/install-lib.sh"

purge=false
case ${1:-} in
    '') ;;
    --purge) purge=true ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    *) usage_error "unknown argument: $1" ;;
esac
require_root
if [[ ! -f $MANIFEST ]]; then
    ! dpkg-query -W mpquic >/dev/null 2>&1 || die "the package put mpquic here: apt-get remove mpquic, or apt-get purge mpquic"
    die "nothing to remove: $MANIFEST is not there"
fi

remove_program() {
    local file
    step "Removing the program"
    # Read whole first: this script and its list are among the files.
    mapfile -t files <"$MANIFEST"
    rm -f "${files[@]}"
    # The folders that the installer made, the deepest first, unless others have put something there.
    sort -ru "$MADE_FOLDERS" | while read -r folder; do rmdir "$folder" 2>/dev/null || true; done
    rm -rf /var/cache/mpquic /run/mpquic /run/mpquic-checks
    # systemd made it for qlogs, which are an operator's.
    rmdir /var/log/mpquic 2>/dev/null || true
    rm -f "$MANIFEST" "$MADE_FOLDERS"
}

remove_all_data() {
    step "Removing keys, configuration and logs"
    rm -rf "$ETC" "$STATE" /var/log/mpquic /var/log/journal/*.mpquic /run/log/journal/*.mpquic
    if getent passwd mpquic >/dev/null; then userdel mpquic 2>/dev/null || true; fi
    if getent group mpquic >/dev/null; then groupdel mpquic 2>/dev/null || true; fi
}

tear_down
remove_unedited
rm -f "$STATE/client-credentials.tar"
remove_program
if $purge; then remove_all_data; fi
for folder in "$ETC/instances" "$ETC/tls" "$ETC" "$STATE"; do rmdir "$folder" 2>/dev/null || true; done
if systemd_runs; then systemctl daemon-reload; fi
kept=$(find "$ETC" "$STATE" -type f 2>/dev/null || true)
if [[ -n $kept ]]; then
    step "Kept, because it is yours (uninstall with --purge removes it):"
    # shellcheck disable=SC2001 # parameter expansion cannot indent each line
    sed 's/^/    /' <<<"$kept"
fi
