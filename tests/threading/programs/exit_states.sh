#!/usr/bin/env bash
# exit_states.sh PROGRAM RUNS: every way of ending in every state, RUNS times each: the exit code is right, what was
# buffered is complete, nothing crashes, nothing hangs. HEDDLE_EXIT_RUNS overrides RUNS.
set -uo pipefail
program=$1
runs=${HEDDLE_EXIT_RUNS:-$2}
failures=0
states=0
while read -r way state code done_lines; do
  states=$((states + 1))
  for ((i = 0; i < runs; ++i)); do
    output=$(timeout 30 "$program" "$way" "$state" 2>/dev/null)
    got=$?
    [ "$got" -eq "$code" ] || {
      echo "$way $state: exit code $got, not $code"
      failures=$((failures + 1))
      continue
    }
    [ "$done_lines" -lt 0 ] && continue
    main_lines=$(grep -c '^main$' <<<"$output")
    worker_lines=$(grep -c '^worker done$' <<<"$output")
    if [ "$main_lines" -ne 100 ] || [ "$worker_lines" -ne "$done_lines" ]; then
      echo "$way $state: $main_lines lines of main, $worker_lines of workers, not 100 and $done_lines"
      failures=$((failures + 1))
    fi
  done
done < <("$program")
echo "$states states, $runs runs each, $failures failures"
[ "$failures" -eq 0 ] && [ "$states" -ge 60 ]
