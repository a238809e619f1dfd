#!/usr/bin/env bash
# scripts/peers.sh: builds the foreign QUIC programs that the interoperability
# tests talk to, from Debian's own packages.
#
# Usage: scripts/peers.sh [--help]
#
# Debian 13 (trixie) has quic-go, aioquic, ngtcp2 and an OpenSSL with QUIC. This
# script makes a small Debian 13 root with debootstrap, compiles the peer programs
# of mpquic-quic/src/test/interop in it, and copies them out. All of it is kept,
# and made again only when the source of the peers or the list of packages changes:
#
#   ~/.cache/mpquic/trixie-ARCH         the Debian 13 root (about 1.7 GB)
#   ~/.cache/mpquic/peers-ARCH/*-peer   the peers; all but quic-go's use that root
#   ~/.cache/mpquic/peers-ARCH/versions what they are made of
#
# (XDG_CACHE_HOME instead of ~/.cache when it is set.) The tests look there, or
# in the folder that MPQUIC_PEERS names. Needs root, and about three minutes.
#
# Environment:
#   MPQUIC_DEBIAN_MIRROR   where debootstrap loads from; apt's own mirror else
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
    '') ;;
    -h | --help) print_manual "$0"; exit 0 ;;
    *) die "unknown argument: $1 (try --help)" ;;
esac

ARCH=$(dpkg --print-architecture 2>/dev/null || uname -m)
ROOT=$MPQUIC_CACHE/trixie-$ARCH
PEERS=${MPQUIC_PEERS:-$MPQUIC_CACHE/peers-$ARCH}
SOURCE=$MPQUIC_HOME/mpquic-quic/src/test/interop
BUILT_FROM=$PEERS/built-from
PACKAGES=(golang-go golang-github-lucas-clemente-quic-go-dev python3-aioquic gcc libc6-dev
    libngtcp2-dev libngtcp2-crypto-gnutls-dev libgnutls28-dev libssl-dev)

fingerprint=$(cat "$0" "$SOURCE"/*/* | sha256sum | cut -d ' ' -f 1)
is_built() { [[ -f $BUILT_FROM && $(<"$BUILT_FROM") == "$fingerprint" ]]; }
if is_built; then
    say "peers: $PEERS"
    exit 0
fi

is_root || die "scripts/peers.sh needs root, for debootstrap and chroot"
ensure_packages debootstrap:debootstrap flock:util-linux ||
    die "debootstrap is needed to have the peers"
mkdir -p "$MPQUIC_CACHE" "$PEERS"

# Two test runs at once must not build the same root.
exec 9>"$MPQUIC_CACHE/lock"
flock 9
# The other run may have built what this one wants.
is_built && { say "peers: $PEERS"; exit 0; }

make_root() {
    local mirror partial=$ROOT.partial
    rm -rf --one-file-system "$partial"
    mirror=${MPQUIC_DEBIAN_MIRROR:-$(apt_mirror || true)}
    run_with_progress "Making a Debian 13 root in $ROOT" "$MPQUIC_CACHE/debootstrap.log" \
        debootstrap --variant=minbase trixie "$partial" ${mirror:+"$mirror"} || return 1
    mv "$partial" "$ROOT"
}

in_root() { chroot "$ROOT" env HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

# By apt and not by debootstrap's --include, which cannot order these packages.
# quic-go's own list of dependencies asks for much that only its tests use.
install_packages() {
    in_root apt-get update &&
        in_root apt-get install -y --no-install-recommends "${PACKAGES[@]}" &&
        rm -rf "$ROOT/var/cache/apt/archives" "$ROOT/var/lib/apt/lists"
}

[[ -d $ROOT ]] || make_root || die "no Debian 13 root, so no peers"
if [[ ! -f $ROOT/peer-packages || $(<"$ROOT/peer-packages") != "${PACKAGES[*]}" ]]; then
    run_with_progress "Installing aioquic, ngtcp2, OpenSSL and quic-go in it" "$MPQUIC_CACHE/install.log" \
        install_packages || die "the Debian 13 root has not what the peers are made of"
    echo "${PACKAGES[*]}" >"$ROOT/peer-packages"
fi

# The loader of the root, and the libraries that it is to take from there: so a
# program of Debian 13 runs on an older Debian, and without being root.
libraries=$ROOT/usr/lib/$(in_root gcc -print-multiarch)
loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux*.so.*' -print -quit)

# put NAME: replaces a file of PEERS by standard input, whole, so that a test that
# runs the old one is not disturbed.
put() {
    cat >"$PEERS/$1.new"
    chmod 755 "$PEERS/$1.new"
    mv "$PEERS/$1.new" "$PEERS/$1"
}

# starter [VARIABLE=VALUE...] PROGRAM...: prints a script that runs a program of the root.
starter() {
    printf '#!/bin/sh\n'
    while [[ $1 == *=* ]]; do printf '%s="%s" ' "${1%%=*}" "${1#*=}"; shift; done
    printf 'exec "%s" --library-path "%s"' "$loader" "$libraries"
    printf ' "%s"' "$@"
    # shellcheck disable=SC2016 # for the script that is printed
    printf ' "$@"\n'
}

build_c() {
    local peer=$1
    shift
    in_root gcc -O2 -Wall -Wextra -Werror -o "/build/$peer" "/build/src/c/$peer.c" "$@"
    put "$peer.bin" <"$ROOT/build/$peer"
    starter "$PEERS/$peer.bin" | put "$peer"
}

build_peers() {
    rm -rf "$ROOT/build/src"
    mkdir -p "$ROOT/build/src/mpquic-peer"
    cp -r "$SOURCE/c" "$ROOT/build/src/"
    cp "$SOURCE"/quic-go/*.go "$ROOT/build/src/mpquic-peer/"
    # Debian ships Go libraries as a GOPATH, not as modules. Go finds itself through
    # /proc, which this root has not: hence GOROOT.
    chroot "$ROOT" env -i PATH=/usr/bin:/bin HOME=/root GOCACHE=/build/cache \
        GOROOT=/usr/lib/go GO111MODULE=off GOPATH=/build:/usr/share/gocode CGO_ENABLED=0 \
        go build -v -trimpath -ldflags '-s -w' -o /build/quic-go-peer mpquic-peer
    put quic-go-peer <"$ROOT/build/quic-go-peer"
    build_c ngtcp2-peer -lngtcp2 -lngtcp2_crypto_gnutls -lgnutls
    build_c openssl-peer -lssl -lcrypto
    put aioquic-peer.py <"$SOURCE/aioquic/aioquic-peer.py"
    starter PYTHONHOME="$ROOT/usr" PYTHONPATH="$ROOT/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1 \
        "$ROOT/usr/bin/python3" "$PEERS/aioquic-peer.py" | put aioquic-peer
    # shellcheck disable=SC2016 # dpkg-query fills these in
    in_root dpkg-query -W -f '${Package} ${Version}\n' python3-aioquic libngtcp2-dev \
        libssl-dev golang-github-lucas-clemente-quic-go-dev | put versions
}

# set -e does not reach into a function whose result is asked for; it does into this shell.
run_with_progress "Compiling the peers" "$MPQUIC_CACHE/peers.log" \
    bash -c "set -euo pipefail; $(declare -p ROOT PEERS SOURCE loader libraries); $(declare -f in_root put starter build_c build_peers); build_peers" ||
    die "the peers do not compile"
echo "$fingerprint" >"$BUILT_FROM"
say "peers: $PEERS"
