#!/usr/bin/env bash
# render_config.sh: makes the configuration file that the daemon of an instance reads.
#
# Usage: render_config.sh INSTANCE
#
# Copies /etc/mpquic/instances/INSTANCE.yaml to /run/mpquic/INSTANCE.yaml with the
# address of the VPS in place of the word VPS_PUBLIC_IP. The address is the value of
# VPS_PUBLIC_IP in the environment; systemd takes it from /etc/mpquic/global.env.
# Lines keep their numbers, so what the daemon says of a line is true of both files.
#
# Exit codes: 0 done; 1 the file is not there, or needs an address that is not set.
# shellcheck source=deploy-lib.sh
. "$(dirname "$(readlink -f "$0")")/deploy-lib.sh"

RUN=${MPQUIC_RUN:-/run/mpquic}

case ${1:-} in
    -h | --help) print_manual "$0"; exit 0 ;;
    '') die "which instance? (render_config.sh 1)" ;;
    *[!A-Za-z0-9_.-]*) die "no name of an instance: $1 (letters, digits, _ . -)" ;;
esac

source=$MPQUIC_ETC/instances/$1.yaml
[[ -r $source ]] || die "$source: cannot be read; the installers make it, readable to all"
address=${VPS_PUBLIC_IP:-}

# Comments may speak of the word; only a value needs it.
line=$(grep -nE '^[^#]*VPS_PUBLIC_IP' "$source" | head -n 1 || true)
if [[ -n $line ]]; then
    [[ -n $address ]] ||
        die "$source:${line%%:*}: VPS_PUBLIC_IP has no value; write VPS_PUBLIC_IP=ADDRESS into $MPQUIC_ETC/global.env"
    [[ $address =~ ^[A-Za-z0-9._:-]+$ ]] ||
        die "$MPQUIC_ETC/global.env: VPS_PUBLIC_IP=$address is neither an address nor a DNS name, such as 203.0.113.7"
fi

# Whole or not at all: a daemon that starts meanwhile must not read half of it.
partial=$(mktemp "$RUN/$1.yaml.XXXXXX")
trap 'rm -f "$partial"' EXIT
sed "/^[^#]*VPS_PUBLIC_IP/ s/VPS_PUBLIC_IP/$address/g" "$source" >"$partial"
chmod 0644 "$partial"
mv "$partial" "$RUN/$1.yaml"
