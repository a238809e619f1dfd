# shellcheck shell=bash
# What the scripts of this folder share. Source it; it does nothing by itself
# but set the shell's strict mode and MPQUIC_HOME.
set -euo pipefail

MPQUIC_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# What the tests and scripts may keep between runs. Deleting it only costs time.
# shellcheck disable=SC2034 # for those that source this
MPQUIC_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mpquic
MPQUIC_JAR=$MPQUIC_HOME/mpquic-cli/target/mpquic-cli.jar
# The Foreign Function and Memory API is final from here on.
OLDEST_JDK=22

# ---- Messages -----------------------------------------------------------------

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    BOLD=$'\e[1m' RED=$'\e[31m' YELLOW=$'\e[33m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
    BOLD='' RED='' YELLOW='' GREEN='' PLAIN=''
fi
export BOLD RED YELLOW GREEN PLAIN

step() { printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN"; }
say() { printf '    %s\n' "$*"; }
warn() { printf '%sWARNING: %s%s\n' "$YELLOW" "$*" "$PLAIN" >&2; }
die() {
    printf '%sERROR: %s%s\n' "$RED" "$*" "$PLAIN" >&2
    exit 1
}

# Prints the comment block at the head of the calling script: its manual.
print_manual() { sed -n '2,/^[^#]/ { /^#/! d; s/^# \{0,1\}//; p }' "$1"; }

is_root() { ((EUID == 0)); }
have() { command -v "$1" >/dev/null 2>&1; }
# True when nothing may be skipped, as in CI.
require_all() { [[ ${MPQUIC_REQUIRE_ALL:-0} == 1 ]]; }

# run_with_progress LABEL LOG COMMAND...: runs a long, silent command with its
# output in LOG. Shows that it lives every ten seconds, and LOG's end if it fails.
run_with_progress() {
    local label=$1 log=$2 pid status=0 since=$SECONDS shown=$SECONDS
    shift 2
    step "$label"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - shown >= 10)); then
            shown=$SECONDS
            say "$((SECONDS - since)) s: $(tail -n 1 "$log" | cut -c 1-100)"
        fi
    done
    wait "$pid" || status=$?
    if ((status != 0)); then
        tail -n 30 "$log" >&2
        return "$status"
    fi
    say "done in $((SECONDS - since)) s"
}

# ---- Processes ----------------------------------------------------------------

# How long a process that was told to end may take.
STOP_WITHIN_S=10

# end_processes PID...: ends them: politely, then not. True if none had to be killed.
end_processes() {
    local pid deadline=$((SECONDS + STOP_WITHIN_S)) left=("$@")
    (($# > 0)) || return 0
    kill -TERM "$@" 2>/dev/null || true
    while ((${#left[@]} > 0 && SECONDS < deadline)); do
        local alive=()
        for pid in "${left[@]}"; do
            if kill -0 "$pid" 2>/dev/null; then alive+=("$pid"); fi
        done
        left=("${alive[@]}")
        ((${#left[@]} == 0)) || sleep 0.1
    done
    ((${#left[@]} == 0)) && return
    kill -KILL "${left[@]}" 2>/dev/null || true
    return 1
}

# ---- Debian packages ----------------------------------------------------------

# ensure_packages COMMAND:PACKAGE...: makes sure that each command exists. As
# root it installs what is missing; otherwise it says what to install, and fails.
ensure_packages() {
    local pair missing=()
    for pair in "$@"; do
        have "${pair%%:*}" || missing+=("${pair#*:}")
    done
    ((${#missing[@]} > 0)) || return 0
    if ! have apt-get; then
        warn "missing here: ${missing[*]} (Debian's names of the packages)"
        return 1
    fi
    if ! is_root; then
        warn "missing here. Install with: sudo apt-get install ${missing[*]}"
        return 1
    fi
    step "Installing ${missing[*]}"
    apt_install "${missing[@]}"
}

apt_install() {
    local log
    log=$(mktemp)
    # Package lists may be absent (a new container) or too old: refresh and retry once.
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 &&
        ! { apt-get update >>"$log" 2>&1 &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; }; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        warn "could not install $*"
        return 1
    fi
    rm -f "$log"
}

# The mirror that apt itself uses for Debian's main archive, or nothing.
apt_mirror() {
    # shellcheck disable=SC2016 # apt-get fills these in, not the shell
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
        'Origin: Debian' 'Label: Debian' 'Component: main' 2>/dev/null | head -n 1
}

# ---- The JDK, Maven and the jar -----------------------------------------------

# The feature release of a JDK's home, or 0 if there is no compiler in it.
jdk_release() {
    local version
    [[ -x $1/bin/javac ]] || { echo 0; return; }
    version=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    echo "${version:-0}"
}

# Prints the home of a JDK that is new enough: JAVA_HOME's, else that of the java
# on the PATH, else the newest of those installed. Fails if there is none.
find_jdk() {
    local home release best='' best_release=0
    if [[ -n ${JAVA_HOME:-} ]] && (($(jdk_release "$JAVA_HOME") >= OLDEST_JDK)); then
        echo "$JAVA_HOME"
        return
    fi
    if have java; then
        home=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
        if (($(jdk_release "$home") >= OLDEST_JDK)); then
            echo "$home"
            return
        fi
    fi
    for home in /usr/lib/jvm/*/; do
        home=${home%/}
        release=$(jdk_release "$home")
        if ((release > best_release)); then
            best=$home best_release=$release
        fi
    done
    ((best_release >= OLDEST_JDK)) || return 1
    echo "$best"
}

# Exports JAVA_HOME, installing a JDK if that is possible.
use_jdk() {
    local home package
    if ! home=$(find_jdk) && is_root && have apt-get; then
        apt-get update >/dev/null 2>&1 || warn "apt-get update failed"
        for package in openjdk-{25,24,23,22}-jdk-headless; do
            if apt-cache show "$package" 2>/dev/null | grep -q '^Package:'; then
                step "Installing $package"
                apt_install "$package" && break
            fi
        done
        home=$(find_jdk) || home=''
    fi
    if [[ -z ${home:-} ]]; then
        die "mpquic needs a JDK $OLDEST_JDK or later, and this distribution has none.
       Install one, for example Eclipse Temurin 25 (Debian package temurin-25-jdk of the Adoptium
       repository) or Debian 13's openjdk-25-jdk-headless, under /usr/lib/jvm; or unpack any JDK
       and set JAVA_HOME to its folder."
    fi
    export JAVA_HOME=$home
    export PATH=$JAVA_HOME/bin:$PATH
}

use_maven() {
    ensure_packages mvn:maven || die "Maven 3.8 or later is needed"
}

jar_is_stale() {
    [[ -f $MPQUIC_JAR ]] || return 0
    [[ -n $(find "$MPQUIC_HOME"/pom.xml "$MPQUIC_HOME"/*/pom.xml "$MPQUIC_HOME"/*/src/main \
        -newer "$MPQUIC_JAR" -type f -print -quit) ]]
}

# Builds the program if its jar is absent or older than a source.
build_jar() {
    local log=$MPQUIC_HOME/target/build.log
    if ! jar_is_stale; then
        say "using $MPQUIC_JAR"
        return
    fi
    use_maven
    mkdir -p "$MPQUIC_HOME/target"
    # Tests and format checks are scripts/test.sh's business.
    run_with_progress "Building mpquic (the first build fetches Maven's plugins)" "$log" \
        mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -pl mpquic-cli -am \
        -Dmaven.test.skip=true -Dspotless.check.skip=true package ||
        die "the build failed; all of its output is in $log"
}
