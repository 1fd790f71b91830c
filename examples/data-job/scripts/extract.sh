#!/bin/sh
# extract.sh DATA OUT: puts the rows of all exports into OUT/raw.csv, each with the file and line it came from.
set -eu
data=$1
out=$2
rm -rf "$out"
mkdir -p "$out"
awk '
  /^#/ || /^[[:space:]]*$/ || /^order,/ { next }
  { print FILENAME ":" FNR "," $0 }
' "$data"/orders-*.csv > "$out/raw.csv"
echo "extracted $(awk 'END { print NR }' "$out/raw.csv") rows from $(ls "$data"/orders-*.csv | awk 'END { print NR }') files"
