#!/bin/sh
# validate.sh OUT MAX_BROKEN: names the orders of OUT/clean.csv that break a rule, and keeps them in OUT/broken.csv.
# Exits with 3 when there are more than MAX_BROKEN.
set -eu
out=$1
max=$2
: > "$out/broken.csv"
awk -F, -v max="$max" -v broken_csv="$out/broken.csv" '
  function complain(what) {
    print $1 ": order " $2 ": " what > "/dev/stderr"
    if (!broken[NR]) { broken[NR] = 1; count += 1; print >> broken_csv }
  }
  $2 in seen { complain("the same number as in " seen[$2]) }
  !($2 in seen) { seen[$2] = $1 }
  $3 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { complain("\"" $3 "\" is not a date") }
  $5 !~ /^-?[0-9]+\.[0-9][0-9]$/ { complain("\"" $5 "\" is not an amount") }
  $5 < 0 { complain("the amount " $5 " is below zero") }
  END {
    if (count + 0 > max) {
      print "validate: " count " of " NR " orders break a rule, at most " max " may" > "/dev/stderr"
      exit 3
    }
    print NR " orders read, " count + 0 " of them break a rule"
  }
' "$out/clean.csv"
