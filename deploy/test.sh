#!/usr/bin/env bash
# Runs all tests: those that break services alone, since they load the machine and some of them measure;
# and those of the public surface once more, over three services.
set -euo pipefail
export PLATEN_TEST_BIN=${1:?usage: deploy/test.sh FOLDER-OF-BINARIES}

failed=0
# They wait more than they work, so a third one fits beside two.
cargo test --workspace --no-fail-fast -- --skip faults:: --test-threads 3 || failed=1
echo 'platen: the services under load while something goes wrong, one fault at a time'
cargo test --workspace --no-fail-fast --test it -- faults:: --test-threads 1 || failed=1
echo 'platen: the tests of the public surface once more, over gateway, renderer and dispatcher'
# Three processes and their servers have them wait some more.
PLATEN_TEST_STACK=services cargo test --workspace --no-fail-fast --test it -- surface:: --test-threads 4 || failed=1
exit "$failed"
