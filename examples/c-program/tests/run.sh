#!/bin/sh
# Runs every case: feeds NAME.in to the program (arguments in NAME.args) and compares what it prints with NAME.out.
set -u
program=$1
cases=$(dirname "$0")/cases
passed=0
failed=0
for input in "$cases"/*.in; do
  name=$(basename "$input" .in)
  # Arguments are words: splitting is meant.
  # shellcheck disable=SC2046
  if "$program" $(cat "$cases/$name.args" 2> /dev/null) < "$input" | diff -u "$cases/$name.out" -; then
    echo "ok      $name"
    passed=$((passed + 1))
  else
    echo "not ok  $name" >&2
    failed=$((failed + 1))
  fi
done
if "$program" -n zero < /dev/null 2> /dev/null; then
  echo "not ok  a count that is no number must be refused" >&2
  failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
