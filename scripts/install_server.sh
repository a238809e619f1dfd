#!/usr/bin/env bash
# install_server.sh: makes this machine the VPS end of the tunnels.
#
# Usage: install_server.sh [--address ADDRESS] [--bind ADDRESS] [--renew] [INSTANCE...]
#
#   --address ADDRESS   the address or DNS name by which gateways reach this machine;
#                       needed once, afterwards it is in /etc/mpquic/global.env
#   --bind ADDRESS      the local address to listen on (default: ADDRESS if this
#                       machine has it, else all)
#   --renew             make new certificates, from the authority that is there
#   INSTANCE            1 to 6 (default: all six)
#
# Run it from an unpacked bundle, from the sources, or, where the package is
# installed, as mpquic-install-server. To upgrade, run that of the new version
# without any option. It may be run again at any time; files that you have edited
# are kept.
#
# It copies the program to /usr/lib/mpquic, writes /etc/mpquic, makes a certificate
# authority and a certificate for each end (mutual TLS: no other gateway can connect),
# lets the kernel forward, and enables and starts mpquic@1 to mpquic@6. What the
# gateway needs is packed into one file, /var/lib/mpquic/client-credentials.tar: bring
# it there by a safe way (scp), for it holds a private key.
#
# The firewall stays yours: /usr/share/mpquic/nftables/mpquic-vps.nft is an example.
#
# Exit codes: 0 installed; 1 it failed; 2 the command line is wrong.
# shellcheck source-path=SCRIPTDIR source=install-lib.sh
. "$(dirname "$(readlink -f "$0")")/install-lib.sh"

readonly AUTHORITY=$STATE/authority CREDENTIALS=$STATE/client-credentials.tar
# The authority outlives what it signs; both longer than anybody remembers, so the health check warns.
readonly AUTHORITY_DAYS=7300 CERTIFICATE_DAYS=1825

address='' bind='' renew=false arguments=()
while (($# > 0)); do
    case $1 in
        --address) address=${2:-}; shift ;;
        --bind) bind=${2:-}; shift ;;
        --renew) renew=true ;;
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
: "${address:=$(global_value VPS_PUBLIC_IP)}"
[[ -n $address ]] || usage_error "by which address do gateways reach this machine? --address 203.0.113.7"
is_host "$address" || usage_error "--address $address is neither an address nor a DNS name"
[[ -z $bind ]] || is_local "$bind" || usage_error "--bind $bind: no interface here has this address; see ip address"

# ---- Keys and certificates ------------------------------------------------------------

# make_key FILE: a private key that only root reads.
make_key() { (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null); }

make_authority() {
    [[ -f $AUTHORITY/ca.crt ]] && return
    step "Making a certificate authority in $AUTHORITY"
    install -d -m 0700 "$AUTHORITY"
    make_key "$AUTHORITY/ca.key"
    openssl req -x509 -new -key "$AUTHORITY/ca.key" -days "$AUTHORITY_DAYS" -out "$AUTHORITY/ca.crt.new" \
        -subj "/CN=mpquic authority of $(hostname)" -addext keyUsage=critical,keyCertSign,cRLSign
    # Last, because it is what says that the authority is complete.
    mv "$AUTHORITY/ca.crt.new" "$AUTHORITY/ca.crt"
}

# make_certificate NAME ALTERNATIVE_NAMES USAGE: NAME.crt and NAME.key in the authority's folder.
make_certificate() {
    local certificate=$AUTHORITY/$1.crt
    if [[ -f $certificate ]] && ! $renew && names_of "$certificate" | grep -qxF "$2"; then return; fi
    step "Making a certificate for the $1"
    make_key "$AUTHORITY/$1.key"
    openssl req -new -key "$AUTHORITY/$1.key" -subj "/CN=mpquic-$1" -out "$AUTHORITY/$1.csr"
    openssl x509 -req -in "$AUTHORITY/$1.csr" -days "$CERTIFICATE_DAYS" -out "$certificate.new" \
        -CA "$AUTHORITY/ca.crt" -CAkey "$AUTHORITY/ca.key" -CAcreateserial -extfile <(
            printf 'subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\n' "$2"
            printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n' "$3"
        ) 2>/dev/null
    rm "$AUTHORITY/$1.csr"
    echo "$2" >"$AUTHORITY/$1.names"
    mv "$certificate.new" "$certificate"
}

# The names that a certificate was made for, as they were asked for.
names_of() { cat "${1%.crt}.names" 2>/dev/null || true; }

server_names() {
    # The clients' files ask for mpquic-server; the address serves those who verify what they dial.
    if [[ $address =~ ^[0-9.]+$ || $address == *:* ]]; then
        echo "DNS:mpquic-server,IP:$address"
    else
        echo "DNS:mpquic-server,DNS:$address"
    fi
}

install_keys() {
    install_key 644 "$AUTHORITY/ca.crt" "$ETC/tls/client-ca.crt"
    install_key 644 "$AUTHORITY/server.crt" "$ETC/tls/server.crt"
    install_key 640 "$AUTHORITY/server.key" "$ETC/tls/server.key"
}

# All that the gateway's installer wants, in one file.
pack_credentials() {
    local folder
    folder=$(mktemp -d)
    cp "$AUTHORITY/ca.crt" "$AUTHORITY/client.crt" "$AUTHORITY/client.key" "$folder"
    echo "$address" >"$folder/address"
    (umask 077 && tar --create --owner=0 --group=0 --file="$CREDENTIALS.new" --directory="$folder" \
        address ca.crt client.crt client.key)
    rm -r "$folder"
    mv "$CREDENTIALS.new" "$CREDENTIALS"
}

# ---- Configuration --------------------------------------------------------------------

write_configuration() {
    local number
    if [[ -z $bind ]]; then
        bind=0.0.0.0
        # A server answers from the address that it is bound to; from another one the clients would take nothing.
        if is_local "$address"; then bind=$address; fi
    fi
    for number in "${INSTANCES[@]}"; do
        sed "s/^bind_ip: .*/bind_ip: $bind/" "$SHARE/config/server/$number.yaml" |
            install_config "$ETC/instances/$number.yaml"
        install_config "$ETC/instances/$number.env" <"$SHARE/config/server/$number.env"
    done
}

let_kernel_forward() {
    install_config /etc/sysctl.d/60-mpquic.conf <<'END'
# mpquic: this machine passes packets on between the tunnels and the Internet.
net.ipv4.ip_forward = 1
END
    sysctl -q -p /etc/sysctl.d/60-mpquic.conf
}

# ---- The installation -------------------------------------------------------------------

place_program
set_up_system
claim_role server
set_global VPS_PUBLIC_IP "$address"
make_authority
make_certificate server "$(server_names)" serverAuth
make_certificate client DNS:mpquic-client clientAuth
install_keys
pack_credentials
write_configuration
let_kernel_forward
tell_networkd
start_instances mpquic-healthcheck.timer
report_health server

step "Next: on the gateway"
say "bring $CREDENTIALS there, and run:"
say "install_client.sh --credentials client-credentials.tar"
