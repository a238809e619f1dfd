#!/usr/bin/env bash
# scripts/fuzz.sh: lets a coverage-guided fuzzer look for inputs that break the QUIC stack.
#
# Usage: scripts/fuzz.sh [--jobs N] [--keep] MINUTES [TARGET...]
#        scripts/fuzz.sh --list
#
#   MINUTES    how long each target is attacked, by the clock
#   TARGET     the name of a target, as --list prints it; all of them by default
#   --jobs N   so many targets at a time; as many as there are processors by default
#   --keep     afterwards adds the inputs that reach new code to those that the
#              normal build replays, as few as will do
#
# A target is a method with @FuzzTest in the tests of mpquic-quic. What a campaign
# has learnt stays in target/fuzz, so that the next one goes on from there.
#
# An input that breaks something is written to the inputs of its target: the normal
# build fails from then on until the defect is mended, and replays it ever after.
# Exits with 1 when there is one; its log is named then.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

MODULE=$MPQUIC_HOME/mpquic-quic
TESTS=$MODULE/src/test
WORK=$MODULE/target/fuzz
# Slower than this for one input is a defect as well.
SECONDS_AN_INPUT=20
LONGEST_INPUT_BYTES=4096

# The targets: class:method, a line each.
all_targets() {
    grep -rl '@FuzzTest' --include='*FuzzTest.java' "$TESTS/java" | sort | while read -r file; do
        class=${file#"$TESTS/java/"}
        class=${class%.java}
        sed -n "/@FuzzTest/ { n; s|.*void \([A-Za-z]*\)(.*|${class//\//.}:\1|p }" "$file"
    done
}

jobs=$(nproc)
keep=false
while (($# > 0)); do
    case $1 in
        -h | --help) print_manual "$0"; exit 0 ;;
        --list) all_targets | sed 's/.*://'; exit 0 ;;
        --keep) keep=true; shift ;;
        --jobs) jobs=${2:-}; shift 2 || die "--jobs needs a number" ;;
        -*) die "unknown option: $1 (try --help)" ;;
        *) break ;;
    esac
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs needs a number from 1 on, not '$jobs'"
[[ ${1:-} =~ ^[1-9][0-9]*$ ]] || die "how many minutes for each target, from 1 on? (try --help)"
minutes=$1
shift

mapfile -t known < <(all_targets)
targets=()
for name in "$@"; do
    found=
    for target in "${known[@]}"; do
        [[ ${target#*:} != "$name" ]] || found=$target
    done
    [[ -n $found ]] || die "no such target: $name (--list shows them)"
    targets+=("$found")
done
((${#targets[@]} > 0)) || targets=("${known[@]}")

use_jdk
use_maven
mkdir -p "$WORK"
run_with_progress "Compiling the tests" "$WORK/build.log" mvn -B -ntp -f "$MPQUIC_HOME/pom.xml" -pl mpquic-quic -am \
    test-compile dependency:build-classpath -Dmdep.outputFile="$WORK/classpath" || die "the build failed"
# A copy, so that a build meanwhile does not pull the classes from under the fuzzers.
rm -rf "$WORK/classes"
mkdir "$WORK/classes"
cp -r "$MODULE/target/classes/." "$MODULE/target/test-classes/." "$WORK/classes/"
rm -f "$WORK/classes/module-info.class"

# Where the normal build looks for the inputs of a target.
inputs_of() {
    local class=${1%:*}
    echo "$TESTS/resources/${class//.//}Inputs/${1#*:}"
}

# The fuzzer under the name by which it starts itself again when it merges.
mkdir -p "$WORK/bin"
cat >"$WORK/bin/jazzer" <<END
#!/bin/sh
exec nice -n 19 java -Xmx1g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \\
    -cp '$WORK/classes:$(cat "$WORK/classpath")' com.code_intelligence.jazzer.Jazzer "\$@"
END
chmod +x "$WORK/bin/jazzer"

# fuzzer TARGET DIRECTORY... [OPTION...]
fuzzer() {
    local target=$1
    shift
    PATH=$WORK/bin:$PATH jazzer --target_class="${target%:*}" --target_method="${target#*:}" \
        --instrumentation_includes='io.mpquic.**:org.bouncycastle.tls.**' --reproducer_path="$WORK" "$@"
}

# Attacks one target; what breaks it ends up among its inputs.
attack() {
    local target=$1 name=${1#*:} status=0 crash
    # What an interrupted campaign left there broke nothing.
    rm -rf "$WORK/$name/crashes"
    mkdir -p "$WORK/$name/learnt" "$WORK/$name/crashes" "$(inputs_of "$target")"
    fuzzer "$target" "$WORK/$name/learnt" "$(inputs_of "$target")" -artifact_prefix="$WORK/$name/crashes/" \
        -max_total_time=$((minutes * 60)) -max_len=$LONGEST_INPUT_BYTES -timeout=$SECONDS_AN_INPUT \
        -use_value_profile=1 -print_final_stats=1 >"$WORK/$name/log" 2>&1 || status=$?
    find "$WORK/$name/crashes" -type f | while read -r crash; do
        cp "$crash" "$(inputs_of "$target")/"
    done
    if ((status != 0)); then
        warn "$name is broken: see $WORK/$name/log"
        return 1
    fi
    say "$name: $(sed -n 's/^Done \([0-9]* runs\) in.*/\1/p' "$WORK/$name/log"), $(find "$WORK/$name/learnt" -type f |
        wc -l) inputs reach code of their own; nothing broke"
}

# As few inputs as reach all the code that those learnt reach.
keep_learnt() {
    local target=$1 name=${1#*:}
    fuzzer "$target" -set_cover_merge=1 "$(inputs_of "$target")" "$WORK/$name/learnt" >"$WORK/$name/merge.log" 2>&1 ||
        die "merging failed: see $WORK/$name/merge.log"
    say "$name: $(find "$(inputs_of "$target")" -type f | wc -l) inputs are replayed by the normal build"
}

step "$minutes minutes for each of: ${targets[*]#*:}"
status=0
running=0
for target in "${targets[@]}"; do
    if ((running >= jobs)); then
        wait -n || status=1
        running=$((running - 1))
    fi
    attack "$target" &
    running=$((running + 1))
done
for ((; running > 0; running--)); do
    wait -n || status=1
done
if $keep && ((status == 0)); then
    step "Keeping what was learnt"
    for target in "${targets[@]}"; do
        keep_learnt "$target"
    done
fi
exit "$status"
