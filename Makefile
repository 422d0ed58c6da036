# Targets for people and for CI. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := PYTHONPATH=.:constructs $(VENV)/bin/python
export CHECKPOINT_DISABLE := 1
# R2 takes the request format that terraform sends with both of these
export AWS_REQUEST_CHECKSUM_CALCULATION := when_required
export AWS_RESPONSE_CHECKSUM_VALIDATION := when_required

.PHONY: help prerequisites setup setup-dev synth test fmt lint bench e2e bench-synth schema \
  snapshots kubeconfig recover clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-14s %s\n", $$1, $$2}'

prerequisites:
	@PYTHON=$(PYTHON) sh tools/prerequisites.sh

setup: prerequisites $(VENV)/.runtime node_modules/.installed

setup-dev: prerequisites $(VENV)/.dev node_modules/.installed

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

# --no-deps: the lists are complete, and pip need not resolve what is pinned already
$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "installing Python packages"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "installing Python packages, those of the tests included"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@ $(VENV)/.runtime

node_modules/.installed: package.json package-lock.json
	@echo "installing cdktf-cli"
	@npm ci --loglevel=error
	@touch $@

synth: setup ## set everything up, synthesize every stack, and show them
	@$(VENV)/bin/python main.py
	@$(RUN) -m tools.stack_table cdktf.out

test: setup-dev lint ## every check that needs neither a cluster nor an account
	@$(VENV)/bin/pytest

lint: setup-dev
	@$(VENV)/bin/ruff format --check --quiet . || (echo "run: make fmt" >&2; exit 1)
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy

fmt: setup-dev ## format the code
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

bench: setup-dev ## build the control plane of the end-to-end tests, once, into the cache folder
	@$(VENV)/bin/python -m tests.bench build

e2e: setup-dev bench ## deploy to a real control plane on this machine, break it, and look
	@$(VENV)/bin/pytest tests/bench tests/e2e

bench-synth: setup-dev ## how long a synthesis takes, beside plain imports
	@$(RUN) -m tools.bench_synth

snapshots: setup-dev ## take a meant change into the snapshots; look at the diff
	@$(VENV)/bin/pytest tests/synth --snapshot-update

schema: setup-dev ## write environments/schema.json anew
	@$(RUN) -m tools.schema

kubeconfig: setup ## write .kube/$ENV.yaml, the credentials of that environment's cluster
	@$(VENV)/bin/python main.py && $(RUN) -m tools.kubeconfig $(ENV)

recover: setup ## after a deploy that was killed: STACK=staging-phase0 [LOCK=<id>|none]
	@$(VENV)/bin/python main.py && $(RUN) -m tools.recover $(STACK) $(LOCK)

clean: ## remove everything that the other targets made in this folder
	@if ls cdktf.out/stacks/*/errored.tfstate >/dev/null 2>&1; then \
	  echo "cdktf.out holds an errored.tfstate, which may be the only copy of a state: see docs/runbook.md" >&2; \
	  exit 1; \
	fi
	rm -rf cdktf.out $(VENV) node_modules
