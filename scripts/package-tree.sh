# shellcheck shell=bash
# The tree of installed files, as scripts/package.sh packs it. Sourced by it, after lib.sh.

readonly LIB_DIR=/usr/lib/mpquic
# The program's scripts, as they are run on the machine; the others are for developers.
readonly INSTALLED_SCRIPTS=(deploy-lib.sh ensure_tun.sh install-lib.sh install_client.sh install_server.sh
    make_aot_cache.sh mpquic-healthcheck.sh mpquic-lan-routing-check.sh render_config.sh uninstall.sh wan-event.sh)
# Modules that jdeps finds mentioned and that nothing of ours comes by:
#   java.desktop   SnakeYAML's mapping to Java beans; we read nodes. It would cost 19 MB
#   java.sql       a certificate store of BouncyCastle's that logs through it
# prove_runtime would fail if this were to change.
readonly UNUSED_MODULES='^java\.(desktop|sql)$'

# ---- The Java runtime -----------------------------------------------------------------

# runtime_modules JAR: the modules that the program needs, a line each.
runtime_modules() {
    "$JAVA_HOME/bin/jdeps" --multi-release "$(jdk_release "$JAVA_HOME")" --ignore-missing-deps --list-deps "$1" |
        sed 's/^ *//; s,/.*,,' | sort -u | grep -Ev "$UNUSED_MODULES"
}

# build_runtime JAR DESTINATION
build_runtime() {
    local jar=$1 destination=$2 modules file
    modules=$(runtime_modules "$jar" | paste -s -d ,)
    step "Linking a Java runtime of $modules"
    rm -rf "$destination"
    # Not compressed: the packages compress better than jlink, and class loading is faster.
    "$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
        --compress zip-0 --output "$destination" ||
        die "jlink failed. It needs the JDK's folder jmods, or a JDK that links from its own run-time image:
       Debian's openjdk-N-jdk-headless has the one, Eclipse Temurin 24 and later are the other."
    # keytool, and the helper that lets Linux run a jar by its name: nobody calls them here.
    rm -f "$destination/bin/keytool" "$destination/lib/jexec"
    find "$destination" -type f -exec chmod u+w {} +
    # Debian's JDK has its debugging symbols in files of their own, ten times as large as all the
    # rest, which jlink takes along. Of others it leaves the symbols that nobody links against.
    find "$destination" -name '*.debuginfo' -delete
    while IFS= read -r -d '' file; do
        strip --strip-unneeded "$file"
    done < <(find "$destination" \( -name '*.so' -o -path '*/bin/java' -o -name jspawnhelper \) -type f -print0)
    # What --generate-cds-archive does, without the archive for heaps above 32 GB.
    "$destination/bin/java" -Xshare:dump >/dev/null 2>&1 || die "java -Xshare:dump failed"
}

# prove_runtime LAUNCHER: the program works on what was linked.
prove_runtime() {
    local folder
    folder=$(mktemp -d)
    printf '%s\n' 'role: server' 'bind_ip: 127.0.0.1' 'remote_port: 45001' 'tun_name: mpq1' 'tun_cidr: 10.200.1.2/30' \
        >"$folder/check.yaml"
    export MPQUIC_AOT_CACHE=$folder/none
    if ! "$1" demo --seconds 0.1 >"$folder/log" 2>&1 || ! "$1" check --config "$folder/check.yaml" >>"$folder/log" 2>&1; then
        cat "$folder/log" >&2
        die "the program does not work on the linked runtime"
    fi
    unset MPQUIC_AOT_CACHE
    rm -rf "$folder"
}

# ---- The tree --------------------------------------------------------------------------

# place MODE SOURCE DESTINATION: copies a file of the repository.
place() {
    [[ -f $MPQUIC_HOME/$2 ]] || die "$2 is missing in the repository: the installed tree needs it"
    install -D -m "$1" "$MPQUIC_HOME/$2" "$3"
}

place_jar() {
    local jar=$1 version=$2 pom_version=$3 manifest
    install -D -m 0644 "$MPQUIC_JAR" "$jar"
    [[ $version != "$pom_version" ]] || return 0
    # So that the program says the version that it was packaged as.
    manifest=$(mktemp)
    echo "Implementation-Version: $version" >"$manifest"
    "$JAVA_HOME/bin/jar" --update --file "$jar" --manifest "$manifest" \
        --date "$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" 2>/dev/null || die "jar --update failed"
    rm -f "$manifest"
}

place_configuration() {
    local tree=$1 role number state
    for role in client server; do
        for number in 1 2 3 4 5 6; do
            place 0644 "deploy/config/$role/$number.yaml" "$tree/usr/share/mpquic/config/$role/$number.yaml"
            place 0644 "deploy/config/$role/$number.env" "$tree/usr/share/mpquic/config/$role/$number.env"
        done
    done
    place 0644 deploy/config/global.env "$tree/usr/share/mpquic/config/global.env"
    place 0644 deploy/config/lan-routing.conf "$tree/usr/share/mpquic/config/lan-routing.conf"
    place 0644 deploy/nftables/mpquic-vps.nft "$tree/usr/share/mpquic/nftables/mpquic-vps.nft"
    place 0644 deploy/journald/journald@mpquic.conf "$tree/etc/systemd/journald@mpquic.conf"
    place 0644 deploy/networkd/60-mpquic.conf "$tree/usr/lib/systemd/networkd.conf.d/60-mpquic.conf"
    for state in routable degraded no-carrier off; do
        place 0755 deploy/networkd-dispatcher/50-mpquic "$tree/usr/lib/networkd-dispatcher/$state.d/50-mpquic"
    done
    for state in if-up if-post-down; do
        place 0755 deploy/ifupdown/mpquic "$tree/etc/network/$state.d/mpquic"
    done
}

place_commands() {
    local tree=$1 name
    mkdir -p "$tree/usr/bin" "$tree/usr/sbin"
    ln -s "..${LIB_DIR#/usr}/bin/mpquic" "$tree/usr/bin/mpquic"
    for name in mpquic-healthcheck mpquic-lan-routing-check; do
        ln -s "..${LIB_DIR#/usr}/scripts/$name.sh" "$tree/usr/sbin/$name"
    done
    for name in client server; do
        ln -s "..${LIB_DIR#/usr}/scripts/install_$name.sh" "$tree/usr/sbin/mpquic-install-$name"
    done
}

place_documents() {
    local tree=$1 page section
    place 0644 README.md "$tree/usr/share/doc/mpquic/README.md"
    place 0644 docs/operations.md "$tree/usr/share/doc/mpquic/operations.md"
    place 0644 NOTICE "$tree/usr/share/doc/mpquic/NOTICE"
    for page in "$MPQUIC_HOME"/deploy/debian/man/*.[1-8]; do
        section=${page##*.}
        install -D -m 0644 "$page" "$tree/usr/share/man/man$section/${page##*/}"
        gzip --no-name --best "$tree/usr/share/man/man$section/${page##*/}"
    done
    copyright >"$tree/usr/share/doc/mpquic/copyright"
}

# The template, with the Java runtime that is in the tree.
copyright() {
    local release
    release=$(sed -n 's/^\(IMPLEMENTOR\|JAVA_RUNTIME_VERSION\|SOURCE_REPO\)="\(.*\)"/\2/p' "$JAVA_HOME/release" | paste -s -d ' ')
    sed "s,@RUNTIME@,${release:-OpenJDK $(jdk_release "$JAVA_HOME")}," "$MPQUIC_HOME/deploy/debian/copyright"
}

# set_times FOLDER: gives all that is in it the time of the sources.
set_times() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# make_tree TREE VERSION POM_VERSION
make_tree() {
    local tree=$1 version=$2 pom_version=$3 file
    local lib=$tree$LIB_DIR
    rm -rf "$tree"
    mkdir -p "$tree"
    # What is missing in the repository is found before the runtime is linked.
    for file in "${INSTALLED_SCRIPTS[@]}"; do
        case $file in
            *-lib.sh) place 0644 "scripts/$file" "$lib/scripts/$file" ;;
            *) place 0755 "scripts/$file" "$lib/scripts/$file" ;;
        esac
    done
    place 0755 deploy/bin/mpquic "$lib/bin/mpquic"
    for file in mpquic@.service mpquic-healthcheck.{service,timer} mpquic-lan-routing.{service,timer} mpquic-lan-routing-soon.service; do
        place 0644 "deploy/systemd/$file" "$tree/usr/lib/systemd/system/$file"
    done
    place 0644 deploy/sysusers.d/mpquic.conf "$tree/usr/lib/sysusers.d/mpquic.conf"
    place 0644 deploy/tmpfiles.d/mpquic.conf "$tree/usr/lib/tmpfiles.d/mpquic.conf"
    place_configuration "$tree"
    place_commands "$tree"
    place_documents "$tree"
    place_jar "$lib/mpquic-cli.jar" "$version" "$pom_version"
    build_runtime "$lib/mpquic-cli.jar" "$lib/runtime"
    set_times "$tree"
    prove_runtime "$lib/bin/mpquic"
    say "$tree: $(du --apparent-size --block-size=1000000 --summarize "$tree" | cut -f 1) MB, of which runtime $(
        du --apparent-size --block-size=1000000 --summarize "$lib/runtime" | cut -f 1) MB"
}
