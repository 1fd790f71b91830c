#!/bin/sh
# publish.sh OUT: writes the totals of each customer, without broken orders, to OUT/published/totals.csv.
set -eu
out=$1
mkdir -p "$out/published"
awk -F, '
  FILENAME ~ /broken\.csv$/ { broken[$1] = 1; next }
  !($1 in broken) { total[$4] += $5 }
  END { for (customer in total) printf "%s,%.2f\n", customer, total[customer] }
' "$out/broken.csv" "$out/clean.csv" | LC_ALL=C sort > "$out/published/totals.csv"
cat "$out/published/totals.csv"
