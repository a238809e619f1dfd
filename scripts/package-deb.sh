# shellcheck shell=bash
# The Debian package of the tree of installed files. Sourced by scripts/package.sh, after package-tree.sh.

# Who answers for the package. Whoever distributes it says so, as for other Debian tools.
maintainer() { echo "${DEBFULLNAME:-mpquic authors} <${DEBEMAIL:-mpquic@packages.mpquic.example}>"; }

# debian_changelog VERSION: CHANGELOG.md in Debian's format.
debian_changelog() {
    awk -v package_version="$1" -v maintainer="$(maintainer)" \
        -v now="$(LC_ALL=C date -R -d "@$SOURCE_DATE_EPOCH")" '
        function flush_item(    words, count, i, line) {
            if (item == "") return
            count = split(item, words, " ")
            line = "  *"
            for (i = 1; i <= count; i++) {
                if (length(line " " words[i]) > 79) { print line; line = "   " }
                line = line " " words[i]
            }
            print line
            item = ""; items++
        }
        function open_entry(version) {
            printf "mpquic (%s) unstable; urgency=medium\n\n", version
            open = 1; items = 0
        }
        function close_entry() {
            flush_item()
            if (!open) return
            if (items == 0) print "  * See NOTICE and README.md."
            printf "\n -- %s  %s\n\n", maintainer, now
            open = 0
        }
        /^## \[/ {
            close_entry()
            version = $2; gsub(/[][]/, "", version)
            if (version == "Unreleased") { unreleased = 1; next }
            if (!named && version != package_version) {
                open_entry(package_version)
                print "  * Built from the sources after " version "."
                items = 1
                close_entry()
            }
            named = 1
            open_entry(version)
            kind = ""
            next
        }
        !open { next }
        /^### / { flush_item(); kind = $2 ": "; next }
        /^- / { flush_item(); item = kind substr($0, 3); next }
        /^  [^ ]/ { if (item != "") item = item " " substr($0, 3); next }
        /^[^ ]/ { flush_item(); item = item $0; next }
        /^$/ { flush_item() }
        END { close_entry() }' "$MPQUIC_HOME/CHANGELOG.md"
}

# shared_libraries TREE: what the runtime's own libraries need of Debian, as Depends wants it.
shared_libraries() {
    local folder libraries
    mapfile -t libraries < <(find "$1$LIB_DIR/runtime" \( -name '*.so' -o -path '*/bin/java' \) -type f | sort)
    folder=$(mktemp -d)
    mkdir "$folder/debian"
    printf 'Source: mpquic\n\nPackage: mpquic\nArchitecture: any\n' >"$folder/debian/control"
    # The libraries find each other by their own run paths.
    (cd "$folder" && dpkg-shlibdeps -O --ignore-missing-info -l"$1$LIB_DIR/runtime/lib" -l"$1$LIB_DIR/runtime/lib/server" \
        "${libraries[@]/#/-e}" 2>"$folder/log") | sed -n 's/^shlibs:Depends=//p' ||
        { cat "$folder/log" >&2; die "dpkg-shlibdeps failed"; }
    rm -rf "$folder"
}

# make_deb TREE VERSION FILE
make_deb() {
    local tree=$1 version=$2 file=$3 staging root script libraries
    staging=$(mktemp -d)
    root=$staging/mpquic
    cp -a "$tree" "$root"
    mkdir -p "$root/DEBIAN" "$root/usr/share/lintian/overrides"
    debian_changelog "$version" | gzip --no-name --best >"$root/usr/share/doc/mpquic/changelog.gz"
    install -m 0644 "$MPQUIC_HOME/deploy/debian/lintian-overrides" "$root/usr/share/lintian/overrides/mpquic"
    for script in postinst prerm postrm; do
        install -m 0755 "$MPQUIC_HOME/deploy/debian/$script" "$root/DEBIAN/$script"
    done
    (cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
    libraries=$(shared_libraries "$tree")
    [[ -n $libraries ]] || die "dpkg-shlibdeps found no library that the runtime needs"
    sed -e "s,@VERSION@,$version," -e "s,@ARCHITECTURE@,$(architecture)," -e "s/@SHARED_LIBRARIES@/$libraries/" \
        -e "s,@INSTALLED_SIZE@,$(du --apparent-size --block-size=1024 --summarize --exclude=DEBIAN "$root" | cut -f 1)," \
        -e "s,@MAINTAINER@,$(maintainer)," "$MPQUIC_HOME/deploy/debian/control" >"$root/DEBIAN/control"
    set_times "$root"
    (cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    touch --date="@$SOURCE_DATE_EPOCH" "$root/DEBIAN/md5sums" "$root/DEBIAN"
    # One thread: with several, the bytes would depend on their number.
    dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$file.new" >/dev/null || die "dpkg-deb failed"
    mv "$file.new" "$file"
    rm -rf "$staging"
}
