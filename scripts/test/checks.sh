# shellcheck shell=bash
# Checks with a line each, a total, and a wait for a condition. Source it after
# scripts/lib.sh; it does nothing by itself.

CHECKS_PASSED=0 CHECKS_FAILED=0 CHECK_NUMBER=0
# shellcheck disable=SC2034 # for those that source this
CHECK_OK=true
# Where each check's output goes, and what is to be shown with one that has failed.
CHECK_LOGS='' ON_FAILED_CHECK=:

# check WHAT COMMAND...: one line, "ok" or "FAIL". A command that fails has its output
# shown. It does not end the test: the checks after it have their say too. Those that
# would be pointless may ask for CHECK_OK.
check() {
    local what=$1 log status=0 since=$EPOCHREALTIME took
    shift
    CHECK_NUMBER=$((CHECK_NUMBER + 1))
    printf -v log '%s/%03d.log' "$CHECK_LOGS" "$CHECK_NUMBER"
    printf '%s\n$ %s\n' "$what" "$*" >"$log"
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    took=$(awk -v from="$since" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
    if ((status == 0)); then
        CHECK_OK=true CHECKS_PASSED=$((CHECKS_PASSED + 1))
        printf '%sok%s   %s (%s s)\n' "$GREEN" "$PLAIN" "$what" "$took"
        return
    fi
    # shellcheck disable=SC2034 # for those that source this
    CHECK_OK=false CHECKS_FAILED=$((CHECKS_FAILED + 1))
    printf '%sFAIL%s %s (%s s, exit code %s)\n' "$RED" "$PLAIN" "$what" "$took" "$status"
    tail -n +2 "$log" | tail -n 30 | cut -c 1-300 | sed 's/^/       /'
    # The first failures tell why; those that follow from them need not.
    ((CHECKS_FAILED > 5)) || { "$ON_FAILED_CHECK" || true; } 2>&1 | cut -c 1-300 | sed 's/^/       /'
}

# The last line of the test. False if a check has failed, or there was none.
report_checks() {
    echo
    echo "$CHECKS_PASSED passed, $CHECKS_FAILED failed"
    ((CHECKS_FAILED == 0 && CHECKS_PASSED > 0))
}

# within SECONDS COMMAND...: true as soon as the command is. Says how long that took.
# When it never is, what the command said last is this one's output.
within() {
    local limit=$1 said status=0 since=$EPOCHREALTIME
    shift
    while :; do
        status=0
        said=$("$@" 2>&1) || status=$?
        if ((status == 0)); then
            [[ -z $said ]] || echo "$said"
            awk -v from="$since" -v to="$EPOCHREALTIME" 'BEGIN { printf "after %.1f s\n", to - from }'
            return 0
        fi
        if awk -v from="$since" -v to="$EPOCHREALTIME" -v limit="$limit" 'BEGIN { exit !(to - from > limit) }'; then
            [[ -z $said ]] || echo "$said"
            echo "not within $limit s: $*"
            return "$status"
        fi
        sleep 0.1
    done
}

# exits_with CODE COMMAND...: true if it ends with exactly this exit code.
exits_with() {
    local expected=$1 status=0
    shift
    "$@" || status=$?
    ((status == expected)) && return 0
    echo "exit code $status instead of $expected: $*"
    return 1
}

# names PATTERN COMMAND...: true if the command succeeds and its output has the extended
# pattern. Prints the output.
names() {
    local pattern=$1 said status=0
    shift
    said=$("$@" 2>&1) || status=$?
    echo "$said"
    ((status == 0)) || return "$status"
    grep -Eq -- "$pattern" <<<"$said" && return 0
    echo "not in this output: $pattern"
    return 1
}
