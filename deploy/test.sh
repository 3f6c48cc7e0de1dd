#!/usr/bin/env bash
# Runs all tests: those that break services two at a time, since they mostly wait; those of them that
# measure, alone; and those of the public surface once more, over three services.
set -euo pipefail
export PLATEN_TEST_BIN=${1:?usage: deploy/test.sh FOLDER-OF-BINARIES}

failed=0
cargo test --workspace --no-fail-fast -- --skip faults:: || failed=1
echo 'platen: the services under load while something goes wrong'
cargo test --workspace --no-fail-fast --test it -- faults:: --skip faults::measured:: --test-threads 2 || failed=1
echo 'platen: what is measured under load, one after the other'
cargo test --workspace --no-fail-fast --test it -- faults::measured:: --test-threads 1 || failed=1
echo 'platen: the tests of the public surface once more, over gateway, renderer and dispatcher'
PLATEN_TEST_STACK=services cargo test --workspace --no-fail-fast --test it -- surface:: || failed=1
exit "$failed"
