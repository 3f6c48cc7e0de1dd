# Two commands do all set-up: `make run` and `make test`. Each installs what is missing, says so,
# and does nothing twice.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run office test up down bench check

help: ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## install what is missing, build, and start Platen on 127.0.0.1:8080
	@deploy/install.sh run
	@cargo build --release --package platen
	@exec $(or $(CARGO_TARGET_DIR),target)/release/platen serve $(ARGS)

office: ## install LibreOffice, so that `make run` converts files too; 250 MB
	@deploy/install.sh office

test: ## install what the tests need and run all of them
	@deploy/install.sh test
	@cargo build --workspace --bins
	@deploy/test.sh "$(abspath $(or $(CARGO_TARGET_DIR),target))/debug" 2>&1 | deploy/count-tests.sh

up: ## start an installation of many services on this machine, with servers of its own
	@deploy/install.sh test
	@cargo build --workspace --bins
	@deploy/up/up.sh

down: ## stop what `make up` has started; its data stays
	@deploy/up/down.sh

bench: ## compare with the bare browser and with puppeteer, acceptance, delivering and the whole way with their floors, and traces with none
	@deploy/install.sh bench
	@cargo build --release --workspace --bins
	@$(or $(CARGO_TARGET_DIR),target)/release/bench $(ARGS)

check: ## format, lints, docs, dependency rules
	@.ci/check.sh
