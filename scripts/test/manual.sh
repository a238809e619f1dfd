# shellcheck shell=bash
# Runs the commands of a manual on the test's machines, so that the manual stays true.
# Source it after machines.sh and checks.sh; it does nothing by itself.
#
# A fenced block of the manual is run when its tag names a machine:
#
#     ```sh gateway              each command must succeed
#     ```sh vps expect=2         the block must end with this exit code
#
# Blocks run in the order of the manual, each in a shell of its own in /root of that
# machine. Blocks with any other tag are for readers.

# list_blocks FILE: for each such block "LINE MACHINE EXPECTED", and then its commands, each
# line after a tab. Fences may be indented, as in a list.
list_blocks() {
    awk '
        !inside && match($0, /^ *```/) {
            inside = 1
            indent = RLENGTH - 3
            words = split(substr($0, RLENGTH + 1), word, " ")
            shown = word[1] == "sh" && words >= 2
            if (!shown) next
            expected = 0
            for (n = 3; n <= words; n++) {
                if (word[n] !~ /^expect=[0-9]+$/) {
                    print FILENAME ":" NR ": not understood: " word[n] > "/dev/stderr"
                    exit 1
                }
                expected = substr(word[n], 8)
            }
            print NR, word[2], expected
            next
        }
        inside && /^ *```/ { inside = 0; next }
        inside && shown { print "\t" substr($0, indent + 1) }
        END { if (inside) { print FILENAME ": a block has no end" > "/dev/stderr"; exit 1 } }
    ' "$1"
}

# check_manual FILE BEFORE: one check for each block; calls BEFORE MACHINE ahead of it. The
# words after sh in a tag must be names of machines.
check_manual() {
    local file=$1 before=$2 line machine='' expected at=0 commands='' blocks=0
    list_blocks "$file" >"$CHECK_LOGS/blocks" || die "$file: see above"
    # A last line that is no command ends the last block.
    while IFS= read -r line; do
        if [[ $line == $'\t'* ]]; then
            commands+=${line#$'\t'}$'\n'
            continue
        fi
        if [[ -n $machine ]]; then
            check_block "$file" "$at" "$machine" "$expected" "$commands" "$before"
            blocks=$((blocks + 1))
        fi
        read -r at machine expected <<<"$line"
        commands=''
    done < <(cat "$CHECK_LOGS/blocks" && echo)
    check "$(basename "$file") has commands to run" test "$blocks" -gt 0
}

check_block() {
    local file=$1 at=$2 name=$3 expected=$4 commands=$5 before=$6 first
    first=$(grep -v '^ *\(#.*\)\{0,1\}$' <<<"$commands" | head -n 1)
    "$before" "$name"
    check "$(basename "$file"):$at on $name: $first" \
        exits_with "$expected" in_machine_sh "$name" "set -o pipefail; $commands"
}
