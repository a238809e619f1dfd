# shellcheck shell=bash
# The arithmetic of scripts/bench.sh: numbers out of what other programs print, medians,
# ratios, and the table. Source it after scripts/lib.sh; it does nothing by itself.

# Where every figure is: a line each, "contestant metric value".
RESULTS=''

# ---- Numbers --------------------------------------------------------------------------

# median: of the numbers on standard input, a line each. Nothing when there are none.
median() {
    sort -g | awk '{ v[NR] = $1 }
        END { if (NR) printf "%.15g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# percentile P: the smallest of the numbers on standard input that P % of them do not exceed.
percentile() {
    sort -g | awk -v p="$1" '{ v[NR] = $1 }
        END { if (NR) { i = int(NR * p / 100); if (i < NR * p / 100) i++; printf "%.15g\n", v[i < 1 ? 1 : i] } }'
}

# calculate EXPRESSION: what awk makes of it. Nothing when it divides by zero.
calculate() { awk "BEGIN { x = $1; if (x > -1e300 && x < 1e300) printf \"%.15g\\n\", x }" 2>/dev/null || true; }

# ratio OURS THEIRS: two decimals, or "-" when there is no such ratio.
ratio() {
    awk -v x="$1" -v y="$2" 'BEGIN {
        number = "^-?[0-9.]+(e[-+]?[0-9]+)?$"
        if (x !~ number || y !~ number || y + 0 <= 0) print "-"
        else printf "%.2f\n", x / y
    }'
}

# ---- What other programs print -----------------------------------------------------------

# iperf_value FILE PART KEY: a number of the part of "end" in iperf3's JSON, such as sum_received.
iperf_value() {
    awk -v part="\"$2\":" -v key="\"$3\":" '
        /^\t"end":/ { end = 1 }
        end && index($0, part) { inside = 1 }
        inside && (at = index($0, key)) { print substr($0, at + length(key)) + 0; exit }' OFMT=%.15g CONVFMT=%.15g "$1"
}

# ping_times_us: the times in what ping prints, in microseconds, a line each.
ping_times_us() { sed -n 's/.* time=\([0-9.]*\) ms.*/\1/p' | awk '{ printf "%.15g\n", $1 * 1000 }'; }

# cpu_ticks PID...: the processor time that they have used, in ticks of getconf CLK_TCK.
cpu_ticks() {
    local pid
    # The second field is the name in brackets, and may have blanks in it.
    for pid in "$@"; do sed 's/^.*) //' "/proc/$pid/stat"; done | awk '{ sum += $12 + $13 } END { print sum + 0 }'
}

# memory_mb PID...: the memory of theirs that is resident.
memory_mb() {
    local pid
    for pid in "$@"; do sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"; done |
        awk '{ sum += $1 } END { print sum / 1024 }'
}

# ---- The table ----------------------------------------------------------------------------

# The columns: metric, heading, decimals.
readonly COLUMNS_OF_TABLE=(
    'up_mbit|up Mbit/s|0' 'down_mbit|down Mbit/s|0' 'up_cpu|up CPU s/GB|2' 'down_cpu|down CPU s/GB|2'
    'pps|packets/s|0' 'p50_us|ping p50 us|0' 'p99_us|p99 us|0' 'memory_mb|MB|0'
)

# record CONTESTANT METRIC VALUE: keeps a figure. One that could not be had is passed over.
record() {
    [[ -z $3 ]] || printf '%s %s %s\n' "$1" "$2" "$3" >>"$RESULTS"
}

# result CONTESTANT METRIC: the median over the rounds, or nothing.
result() { awk -v who="$1" -v what="$2" '$1 == who && $2 == what { print $3 }' "$RESULTS" | median; }

# cell CONTESTANT METRIC DECIMALS: the median, or "-".
cell() {
    local value
    value=$(result "$1" "$2")
    if [[ -n $value ]]; then printf '%.*f' "$3" "$value"; else printf -- '-'; fi
}

# table_rows OURS THEIRS CONTESTANT=LABEL...: a line a row, fields separated by "|": the heading,
# a row for each contestant, and the ratio of OURS to THEIRS where that one was measured.
table_rows() {
    local ours=$1 theirs=$2 column metric heading decimals contestant row
    shift 2
    row=''
    for column in "${COLUMNS_OF_TABLE[@]}"; do
        IFS='|' read -r metric heading decimals <<<"$column"
        row+="|$heading"
    done
    echo "$row"
    for contestant; do
        row=${contestant#*=}
        for column in "${COLUMNS_OF_TABLE[@]}"; do
            IFS='|' read -r metric heading decimals <<<"$column"
            row+="|$(cell "${contestant%%=*}" "$metric" "$decimals")"
        done
        echo "$row"
    done
    grep -q "^$theirs " "$RESULTS" || return 0
    row="$ours / $theirs"
    for column in "${COLUMNS_OF_TABLE[@]}"; do
        metric=${column%%|*}
        row+="|$(ratio "$(result "$ours" "$metric")" "$(result "$theirs" "$metric")")"
    done
    echo "$row"
}

# as_text, as_markdown: rows of table_rows, for people.
as_text() {
    local row fields
    while IFS= read -r row; do
        IFS='|' read -ra fields <<<"$row"
        printf '%-32s' "${fields[0]}"
        printf ' %13s' "${fields[@]:1}"
        echo
    done
}

as_markdown() {
    local row first=true
    while IFS= read -r row; do
        echo "| ${row//|/ | } |"
        $first && echo '|---|---:|---:|---:|---:|---:|---:|---:|---:|'
        first=false
    done
}

# put_between FILE MARK: replaces what FILE has between the lines <!-- MARK --> and <!-- /MARK -->
# by standard input. False, and nothing is changed, when it has no such lines.
put_between() {
    local new
    grep -qxF -e "<!-- $2 -->" "$1" && grep -qxF -e "<!-- /$2 -->" "$1" || return
    new=$(mktemp)
    { sed "/^<!-- $2 -->\$/q" "$1" && cat && sed -n "/^<!-- \/$2 -->\$/,\$p" "$1"; } >"$new"
    # The file keeps its owner and mode.
    cat "$new" >"$1"
    rm -f "$new"
}
