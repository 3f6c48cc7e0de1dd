#!/usr/bin/env bash
# Passes a test run through, and ends it with what was measured and one line that sums all test binaries.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Some awks read in blocks, and whoever watches would see every line late.
tee "$log"
awk '
    /^measured: / { print }
    /^test result:/ {
        for (i = 1; i < NF; i++) {
            if ($(i + 1) == "passed;") passed += $i
            if ($(i + 1) == "failed;") failed += $i
            if ($(i + 1) == "ignored;") ignored += $i
        }
    }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored }
' "$log"
