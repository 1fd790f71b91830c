#!/bin/sh
# clean.sh OUT: trims the fields of OUT/raw.csv into OUT/clean.csv.
set -eu
out=$1
awk '
  BEGIN { FS = OFS = "," }
  {
    for (i = 1; i <= NF; i += 1) {
      before = $i
      gsub(/^[[:space:]]+|[[:space:]]+$/, "", $i)
      if ($i != before) trimmed += 1
    }
    print
  }
  END { print "trimmed " trimmed + 0 " fields of " NR " rows" > "/dev/stderr" }
' "$out/raw.csv" > "$out/clean.csv"
