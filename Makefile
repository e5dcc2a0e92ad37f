# Two commands are enough: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DATA_DIR ?= $(CURDIR)/data

.DEFAULT_GOAL := help
.PHONY: help run test test-all check lint format types fast browser office mutants screenshots bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("MELASTI needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/installed ## Install, migrate, seed demo data and serve on 127.0.0.1:8000
	@exec $(BIN)/python run.py start

test: $(VENV)/installed-dev browser office ## Install what the tests need and run them: kills, widths and Postgres sampled
	@$(BIN)/python -m pytest -n 2 --dist worksteal --sample

test-all: $(VENV)/installed-dev browser office ## The same with every kill, every width and every case on Postgres
	@$(BIN)/python -m pytest -n 2 --dist worksteal

browser: $(VENV)/installed-dev
	@$(BIN)/python -m tests.browser

office: $(VENV)/installed-dev
	@$(BIN)/python -m tests.office

check: $(VENV)/installed-dev ## Format check, lint, types and the fast tests
	@$(MAKE) --no-print-directory lint types fast

lint: $(VENV)/installed-dev ## Check format, lint and that imports go downwards
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/python -m tests.floors
	@$(BIN)/djlint --check templates
	@! LC_ALL=C.UTF-8 grep -rnE '^.{121,}' templates || { echo "Longer than 120 columns."; exit 1; }

format: $(VENV)/installed-dev ## Format the code and the templates
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	@$(BIN)/djlint --reformat --quiet templates

types: $(VENV)/installed-dev ## Check types of the pure rooms
	@$(BIN)/mypy

fast: $(VENV)/installed-dev ## The tests on SQLite alone, without a browser and without the kill rounds
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not slow" -k "not postgres"

N ?= 200
SEED ?= 1
mutants: $(VENV)/installed-dev ## Change N operators of rules/, moves/ and workflow.py (SEED=…): does a test notice?
	@$(BIN)/python -m tests.mutants $(N) $(SEED)

screenshots: $(VENV)/installed-dev browser ## Write docs/screenshots from a running demo
	@$(BIN)/python -m tests.screenshots

bench: $(VENV)/installed-dev ## Measure pages (ROWS=…), the whole system, the recap (RECAP_ROWS=…) a hanging gateway (HANG=60) and strangers
	@$(BIN)/python -m tests.bench.pages
	@$(BIN)/python -m tests.bench.processes
	@$(BIN)/python -m tests.bench.recap
	@$(BIN)/python -m tests.bench.hang
	@$(BIN)/python -m tests.bench.strangers

clean: ## Remove the virtual environment and the demo data
	@rm -rf $(VENV) data
