# Two commands do all set-up: `make run` and `make test`. Each installs what is missing, says so,
# and does nothing twice.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test bench check

help: ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## install what is missing, build, and start Platen on 127.0.0.1:8080
	@deploy/install.sh run
	@cargo build --release --package platen
	@exec $(or $(CARGO_TARGET_DIR),target)/release/platen serve $(ARGS)

test: ## install what the tests need and run all of them
	@deploy/install.sh test
	@cargo build --workspace --bins
	@PLATEN_TEST_BIN="$(abspath $(or $(CARGO_TARGET_DIR),target))/debug" cargo test --workspace --no-fail-fast 2>&1 | deploy/count-tests.sh

bench: ## compare with the bare browser and with puppeteer, in one run
	@deploy/install.sh bench
	@cargo build --release --package platen --package platen-tests --bins
	@$(or $(CARGO_TARGET_DIR),target)/release/bench $(ARGS)

check: ## format, lints, docs, dependency rules
	@.ci/check.sh
