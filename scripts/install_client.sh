#!/usr/bin/env bash
# install_client.sh: makes this machine the gateway end of the tunnels.
#
# Usage: install_client.sh [--credentials FILE] [--vps ADDRESS] [--no-lan-routing] [INSTANCE...]
#
#   --credentials FILE   the file that install_server.sh made on the VPS; needed once,
#                        and again after its --renew
#   --vps ADDRESS        the VPS (default: the address in the credentials)
#   --no-lan-routing     leave the routes from the LANs into the tunnels to others
#   INSTANCE             1 to 6 (default: all six)
#
# Run it from an unpacked bundle, from the sources, or, where the package is
# installed, as mpquic-install-client. To upgrade, run that of the new version
# without any option. It may be run again at any time; files that you have edited
# are kept.
#
# It copies the program to /usr/lib/mpquic, writes /etc/mpquic, and enables and starts
# mpquic@1 to mpquic@6, the health check and the routing of the LANs.
#
# Exit codes: 0 installed; 1 it failed; 2 the command line is wrong.
# shellcheck source-path=SCRIPTDIR source=install-lib.sh
. "$(dirname "$(readlink -f "$0")")/install-lib.sh"

credentials='' vps='' lan_routing=true arguments=()
while (($# > 0)); do
    case $1 in
        --credentials) credentials=${2:-}; shift ;;
        --vps) vps=${2:-}; shift ;;
        --no-lan-routing) lan_routing=false ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        -*) usage_error "unknown option: $1" ;;
        *) arguments+=("$1") ;;
    esac
    (($# > 0)) || usage_error "a value is missing at the end"
    shift
done
parse_instances ${arguments[@]+"${arguments[@]}"}
require_root
require_debian_tools
if [[ -z $credentials && ! -f $ETC/tls/client.key ]]; then
    usage_error "which credentials? --credentials client-credentials.tar, which install_server.sh made on the VPS"
fi

UNPACKED=$(mktemp -d)
trap 'rm -rf "$UNPACKED"' EXIT

# Nothing is changed before it is known that they are complete and belong together.
unpack_credentials() {
    local file
    [[ -r $credentials ]] || die "$credentials cannot be read"
    # By name: no other file of the archive can get out of it.
    tar --extract --file="$credentials" --directory="$UNPACKED" --no-same-owner \
        address ca.crt client.crt client.key 2>"$UNPACKED/tar.log" ||
        die "$credentials is not a file of install_server.sh: $(head -n 1 "$UNPACKED/tar.log")"
    for file in address ca.crt client.crt client.key; do
        [[ -f $UNPACKED/$file && ! -L $UNPACKED/$file ]] || die "$credentials: $file in it is no file"
    done
    openssl verify -CAfile "$UNPACKED/ca.crt" "$UNPACKED/client.crt" >"$UNPACKED/verify.log" 2>&1 ||
        die "$credentials: the certificate is not of its authority, or over: $(tail -n 1 "$UNPACKED/verify.log")"
    [[ $(openssl x509 -in "$UNPACKED/client.crt" -noout -pubkey) == "$(openssl pkey -in "$UNPACKED/client.key" -pubout 2>/dev/null)" ]] ||
        die "$credentials: the certificate does not belong to the key"
}

install_keys() {
    install_key 644 "$UNPACKED/ca.crt" "$ETC/tls/ca.crt"
    install_key 644 "$UNPACKED/client.crt" "$ETC/tls/client.crt"
    install_key 640 "$UNPACKED/client.key" "$ETC/tls/client.key"
}

write_configuration() {
    local number
    for number in "${INSTANCES[@]}"; do
        install_config "$ETC/instances/$number.yaml" <"$SHARE/config/client/$number.yaml"
        install_config "$ETC/instances/$number.env" <"$SHARE/config/client/$number.env"
    done
    # The package has it as a file of its own.
    if [[ ! -e $ETC/lan-routing.conf ]]; then
        install_config "$ETC/lan-routing.conf" <"$SHARE/config/lan-routing.conf"
    fi
}

if [[ -n $credentials ]]; then
    unpack_credentials
    : "${vps:=$(head -n 1 "$UNPACKED/address")}"
fi
: "${vps:=$(global_value VPS_PUBLIC_IP)}"
[[ -n $vps ]] || usage_error "where is the VPS? --vps 203.0.113.7"
is_host "$vps" || usage_error "--vps $vps is neither an address nor a DNS name"

place_program
set_up_system
claim_role client
set_global VPS_PUBLIC_IP "$vps"
[[ -z $credentials ]] || install_keys
write_configuration
tell_networkd
timers=(mpquic-healthcheck.timer)
if $lan_routing; then timers+=(mpquic-lan-routing.timer); fi
start_instances "${timers[@]}"
report_health client
