#!/usr/bin/env bash
# Runs all tests: once each, and those of the public surface once more over three services.
set -euo pipefail
export PLATEN_TEST_BIN=${1:?usage: deploy/test.sh FOLDER-OF-BINARIES}

failed=0
cargo test --workspace --no-fail-fast || failed=1
echo 'platen: the tests of the public surface once more, over gateway, renderer and dispatcher'
PLATEN_TEST_STACK=services cargo test --workspace --no-fail-fast --test it -- surface:: || failed=1
exit "$failed"
