# Every target is a few lines over npm, scripts/ and the built `stack`; ARGS passes flags: make up ARGS="--json"
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup install check fix test test-faults test-separate demo bench up seed status down lock audit sbom clean

OWN_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

PACKAGES := node_modules/.package-lock.json
CLI := dist/cli.js
ARGS ?=

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Get this machine ready: Node packages and a Docker engine (says what it does first)
	scripts/setup.sh

install: $(CLI) ## Put `stack` on this machine's path, for every project (ARGS="--prefix ~/.local": for you alone)
	@PATH="$(OWN_PATH)" scripts/install.sh $(ARGS)

check: $(PACKAGES) ## Format, lint, types, dead code and unit tests; seconds, no Docker engine
	npm run --silent check

fix: $(PACKAGES) ## Repair what the formatter and the linter can
	npm run --silent fix

test: setup check $(CLI) ## Set up, check, then every test against a real engine
	npm run --silent test:contract
	npm run --silent test:integration
	npm run --silent test:acceptance

test-faults: setup $(CLI) ## Break and attack a running stack in every way there is a test for, and look that nothing is lost; an hour
	npm run --silent test:faults

test-separate: setup $(CLI) ## Run the acceptance tests with a container for each of Airflow's components, where `test` has one; half an hour
	npm run --silent test:separate

demo: setup $(CLI) ## Set up, start the stack, seed it (ARGS go here: "--dataset FILE") and show what it holds
	node $(CLI) up
	node $(CLI) seed $(ARGS)
	node $(CLI) status

up seed status down: $(CLI)
	node $(CLI) $@ $(ARGS)
up: ## Start the stack and wait until every service is healthy
seed: ## Run the tutorial DAG (ARGS="--all": the pipeline too) and verify what it left
status: ## Show services, DAGs, experiments and buckets
down: ## Stop the stack; its data stays

bench: setup $(CLI) ## Measure the stack against the same services assembled by hand; an hour on an idle machine
	node bench/run.ts --scaling --logins $(ARGS)

lock: ## Solve the images' Python requirements anew
	scripts/lock.sh $(ARGS)

audit: $(PACKAGES) ## List known vulnerabilities of what is locked, but for those accepted; asks the network
	node supply-chain/audit.ts $(ARGS)

sbom: setup $(CLI) ## Write a bill of materials of each image to sbom/ (CycloneDX), building what is missing
	node supply-chain/sbom.ts $(ARGS)

clean: ## Remove what was built or installed here; never .stack/, dags/ or the stack's data
	rm -rf dist coverage sbom node_modules

$(CLI): $(shell find src -name '*.ts') package.json tsconfig.json scripts/build.ts | $(PACKAGES)
	npm run --silent build

$(PACKAGES): package-lock.json
	npm ci --no-audit --no-fund
