#!/usr/bin/env bash
# scripts/peers.sh: builds the foreign QUIC programs that the interoperability
# tests talk to, from Debian's own packages.
#
# Usage: scripts/peers.sh [--help]
#
# Debian 13 (trixie) has quic-go and Go. This script makes a small Debian 13 root
# with debootstrap, compiles the peer program of
# mpquic-quic/src/test/interop/quic-go in it, and copies the static binary out.
# All of it is kept, and made again only when the source of the peer changes:
#
#   ~/.cache/mpquic/trixie-ARCH              the Debian 13 root (about 1.4 GB)
#   ~/.cache/mpquic/peers-ARCH/quic-go-peer  the peer
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
PEER=$PEERS/quic-go-peer
SOURCE=$MPQUIC_HOME/mpquic-quic/src/test/interop/quic-go
BUILT_FROM=$PEERS/quic-go-peer.built-from

fingerprint=$(cat "$SOURCE"/*.go | sha256sum | cut -d ' ' -f 1)
if [[ -x $PEER && -f $BUILT_FROM && $(<"$BUILT_FROM") == "$fingerprint" ]]; then
    say "quic-go peer: $PEER"
    exit 0
fi

is_root || die "scripts/peers.sh needs root, for debootstrap and chroot"
ensure_packages debootstrap:debootstrap flock:util-linux ||
    die "debootstrap is needed to have the peers"
mkdir -p "$MPQUIC_CACHE" "$PEERS"

# Two test runs at once must not build the same root.
exec 9>"$MPQUIC_CACHE/lock"
flock 9

make_root() {
    local mirror partial=$ROOT.partial
    rm -rf --one-file-system "$partial"
    mirror=${MPQUIC_DEBIAN_MIRROR:-$(apt_mirror || true)}
    run_with_progress "Making a Debian 13 root in $ROOT" "$MPQUIC_CACHE/debootstrap.log" \
        debootstrap --variant=minbase trixie "$partial" ${mirror:+"$mirror"} || return 1
    # By apt and not by debootstrap's --include, which cannot order these packages.
    # quic-go's own list of dependencies asks for much that only its tests use.
    run_with_progress "Installing Go and quic-go in it" "$MPQUIC_CACHE/install.log" \
        chroot "$partial" env HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends \
        golang-go golang-github-lucas-clemente-quic-go-dev || return 1
    rm -rf "$partial/var/cache/apt/archives" "$partial/var/lib/apt/lists"
    mv "$partial" "$ROOT"
}

[[ -d $ROOT ]] || make_root || die "no Debian 13 root, so no quic-go"

build_peer() {
    rm -rf "$ROOT/build/src"
    mkdir -p "$ROOT/build/src/mpquic-peer"
    cp "$SOURCE"/*.go "$ROOT/build/src/mpquic-peer/"
    # Debian ships Go libraries as a GOPATH, not as modules. Go finds itself through
    # /proc, which this root has not: hence GOROOT.
    chroot "$ROOT" env -i PATH=/usr/bin:/bin HOME=/root GOCACHE=/build/cache \
        GOROOT=/usr/lib/go GO111MODULE=off GOPATH=/build:/usr/share/gocode CGO_ENABLED=0 \
        go build -v -trimpath -ldflags '-s -w' -o /build/quic-go-peer mpquic-peer
}

run_with_progress "Compiling the quic-go peer" "$MPQUIC_CACHE/quic-go-peer.log" build_peer ||
    die "the quic-go peer does not compile"
# Replaced whole, so that a test that runs the old one is not disturbed.
cp "$ROOT/build/quic-go-peer" "$PEER.new"
mv "$PEER.new" "$PEER"
echo "$fingerprint" >"$BUILT_FROM"
say "quic-go peer: $PEER"
