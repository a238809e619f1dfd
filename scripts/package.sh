#!/usr/bin/env bash
# scripts/package.sh: makes what is installed: a bundle and a Debian package.
#
# Usage: scripts/package.sh [--output DIR] [--version VERSION] [--tree] [--help]
#
#   --output DIR        where they go (default: target/dist)
#   --version VERSION   what they are called (default: the version in pom.xml)
#   --tree              only the tree of installed files, in target/dist/root
#
# Makes, both of one tree:
#
#   mpquic-VERSION-linux-ARCH.tar.gz   the tree, and the install scripts: unpack it and run
#                                      scripts/install_server.sh or scripts/install_client.sh
#   mpquic_VERSION_ARCH.deb            for apt, on Debian 12 or later
#
# Both carry a Java runtime that is cut down to what the program uses, so nothing of
# Java need be on the machine. It comes from the JDK that is used here. Take 25 or later, for
# the start-up cache; and where the packages are for Debian 12, Eclipse Temurin or a JDK of
# Debian 12 or before, for one of Debian 13 needs its C library.
#
# Two runs over one commit with one JDK give the same bytes. SOURCE_DATE_EPOCH is the
# time of all files; by default that of the commit.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=package-tree.sh
. "$(dirname "$0")/package-tree.sh"
# shellcheck source=package-deb.sh
. "$(dirname "$0")/package-deb.sh"

output=$MPQUIC_HOME/target/dist version='' tree_only=false
while (($# > 0)); do
    case $1 in
        --output) output=${2:-}; shift ;;
        --version) version=${2:-}; shift ;;
        --tree) tree_only=true ;;
        -h | --help) print_manual "$0"; exit 0 ;;
        *) die "unknown argument: $1 (try --help)" ;;
    esac
    (($# > 0)) || die "the last argument lacks its value (try --help)"
    shift
done

pom_version=$(sed -n 's,^  <version>\(.*\)</version>,\1,p' "$MPQUIC_HOME/pom.xml")
: "${version:=$pom_version}"
# What dpkg takes, without the characters that a file's name would suffer from.
[[ $version =~ ^[0-9][A-Za-z0-9.+~-]*$ ]] || die "--version $version: it begins with a digit, then letters, digits and . + ~ -"

# The time of the sources, which all files get.
source_time() {
    local pom_time
    git -C "$MPQUIC_HOME" log -1 --format=%ct 2>/dev/null && return
    # Unpacked without its history: what the build gives the files in the jar.
    pom_time=$(sed -n 's,.*<project.build.outputTimestamp>\(.*\)</.*,\1,p' "$MPQUIC_HOME/pom.xml")
    date -d "$pom_time" +%s
}
: "${SOURCE_DATE_EPOCH:=$(source_time)}"
export SOURCE_DATE_EPOCH TZ=UTC
umask 022

architecture() { dpkg --print-architecture 2>/dev/null || uname -m; }

make_bundle() {
    local name=$1 tree=$2 file=$3 staging
    staging=$(mktemp -d)
    mkdir "$staging/$name"
    cp -a "$tree" "$staging/$name/root"
    cp -a "$tree$LIB_DIR/scripts" "$staging/$name/scripts"
    cp "$MPQUIC_HOME"/{README.md,LICENSE,NOTICE,CHANGELOG.md} "$staging/$name"
    set_times "$staging"
    tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --directory="$staging" "$name" |
        gzip --no-name --best >"$file.new"
    mv "$file.new" "$file"
    rm -rf "$staging"
}

say_size() { say "$1: $(du --apparent-size --block-size=1000000 "$1" | cut -f 1) MB"; }

use_jdk
# Of the JDK, only its libraries' debugging symbols need a tool that it lacks itself.
ensure_packages objcopy:binutils strip:binutils || die "jlink needs objcopy"
build_jar
tree=$MPQUIC_HOME/target/dist/root
make_tree "$tree" "$version" "$pom_version"
if ! $tree_only; then
    ensure_packages dpkg-deb:dpkg dpkg-shlibdeps:dpkg-dev gzip:gzip || die "the package needs them"
    mkdir -p "$output"
    bundle=$output/mpquic-$version-linux-$(architecture).tar.gz
    deb=$output/mpquic_${version}_$(architecture).deb
    step "Packing the bundle"
    make_bundle "mpquic-$version-linux-$(architecture)" "$tree" "$bundle"
    say_size "$bundle"
    step "Packing the Debian package"
    make_deb "$tree" "$version" "$deb"
    say_size "$deb"
fi
