#!/usr/bin/env bash
# Format, lints, docs, licences, and the dependencies that must be absent.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step 'format'
cargo fmt --all --check

step 'lints, warnings denied'
cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings

step 'docs, warnings denied'
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items --quiet

step 'licences, bans and sources'
if command -v cargo-deny >/dev/null; then
    cargo deny --offline check bans licenses sources
else
    echo 'cargo-deny is not installed; skipped'
fi

step 'containers and manifests'
deploy/check.sh

step 'scaling on paper, against the recorded figures'
deploy/scaling/check.py

step 'dependencies that must be absent'
tree_of() { cargo tree --offline --package "$1" --edges normal --prefix none; }
# Succeeds when package $1 does not depend on $2, and fails when cargo itself does.
lacks() { local tree; tree=$(tree_of "$1") && ! grep -q "^$2 " <<<"$tree"; }
must_lack() {
    for name in "${@:2}"; do
        lacks "$1" "$name" || { echo "$1 must not depend on $name" >&2; exit 1; }
    done
}
# The check itself can fail:
if lacks gateway sqlx; then
    echo 'the dependency check is broken: the gateway does use sqlx' >&2
    exit 1
fi
must_lack common axum headless_chrome hayro tract-onnx gateway renderer dispatcher
must_lack gateway headless_chrome hayro tract-onnx renderer dispatcher
# The object store brings an HTTP client along; the one that calls customers' hosts is a feature of common.
features=$(cargo tree --offline --package gateway --edges normal --prefix none --format '{p} [{f}]')
if ! grep -q '^common .*\[.*store' <<<"$features" || grep -q '^common .*\[.*fetch' <<<"$features"; then
    echo 'gateway must not have the client that calls customers (common/fetch)' >&2
    exit 1
fi
must_lack renderer sqlx axum gateway dispatcher
must_lack dispatcher axum headless_chrome hayro tract-onnx gateway renderer
echo 'as it should be'
