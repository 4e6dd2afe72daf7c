#!/bin/sh
# Measures how fast captures are judged, beside tcptrace and tshark:
#
#   conformance/benches/captures.sh FOLDER [MEGABYTES]
#
# Makes two captures in FOLDER unless they are there, of 500 MB each or of the size told: `bulk` (few connections that
# carry much) and `short` (many connections, thousands at once), then prints wall time, MB/s, processor time and the
# most memory of each tool on each. Tools that are missing are named and skipped. Nothing is asserted.

set -eu

folder=${1:?"usage: $0 FOLDER [MEGABYTES]"}
megabytes=${2:-500}
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

(cd "$root" && cargo build --release --bin wireproof --example make_capture)
mkdir -p "$folder"
for kind in bulk short; do
    file=$folder/$kind-$megabytes.pcap
    [ -s "$file" ] || "$target/release/examples/make_capture" "$kind" "$megabytes" "$file"
done

if [ ! -x /usr/bin/time ]; then
    echo "/usr/bin/time is missing (package time): neither times nor memory can be told" >&2
    exit 1
fi

measures=$(mktemp)
trap 'rm -f "$measures"' EXIT

# measure NAME FILE COMMAND...
measure() {
    name=$1 file=$2
    shift 2
    if ! command -v "$1" >/dev/null 2>&1; then
        printf '%-34s is missing: skipped\n' "$name"
        return
    fi
    # What a tool says and how it ends is not asked for: a capture with breaks ends with 1.
    /usr/bin/time -o "$measures" -f '%e %U %S %M' "$@" >/dev/null 2>&1 || true
    octets=$(wc -c <"$file")
    tail -n 1 "$measures" | awk -v name="$name" -v octets="$octets" '{
        wall = $1 > 0 ? $1 : 0.01
        printf "%-34s %8.2f s %8.0f MB/s   user %7.2f s  system %6.2f s %8.1f MB\n", name, $1, octets / 1e6 / wall, $2, $3, $4 / 1e3
    }'
}

wireproof=$target/release/wireproof
for kind in bulk short; do
    file=$folder/$kind-$megabytes.pcap
    # Everybody finds the file in memory.
    cat "$file" >/dev/null
    printf '\n%s, %s octets\n' "$file" "$(wc -c <"$file")"
    measure 'wireproof check --jobs 1' "$file" "$wireproof" check --jobs 1 "$file"
    measure 'wireproof check --jobs 2' "$file" "$wireproof" check --jobs 2 "$file"
    measure 'tcptrace' "$file" tcptrace "$file"
    measure 'tcptrace -l -r -W' "$file" tcptrace -l -r -W "$file"
    measure 'tshark -q -z conv,tcp' "$file" tshark -r "$file" -q -z conv,tcp
done
