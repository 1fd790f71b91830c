#!/bin/sh
# diagnose.sh OUT: shows the broken orders as they stand in the files they came from.
set -eu
out=$1
if [ ! -f "$out/broken.csv" ]; then
  echo "there are no validated orders to look at"
  exit 0
fi
while IFS=: read -r file rest; do
  line=${rest%%,*}
  echo "$file:$line: $(sed -n "${line}p" "$file")"
done < "$out/broken.csv"
