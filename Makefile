# Two commands are enough: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Nothing is fetched that the lock files don't know by its hash, not even what builds a library. They are
# whole, so nothing is left to work out.
# What serves and what tests Postgres are users of their own, who have to read it.
PIP := umask 022 && PIP_USE_PEP517=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-build-isolation
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --custom-compile-command "make lock"
export DATA_DIR ?= $(CURDIR)/data

# Debian keeps what makes an environment in a package of its own.
define ENSUREPIP
$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
  package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing $$package …" \
    && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null; } \
  || { echo "Python has no ensurepip: run \"apt-get install $$package\" as root, then this again." >&2; false; }; }
endef

.DEFAULT_GOAL := help
.PHONY: help install run test test-all check lint format types fast programs lock sbom release mutants screenshots bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# What was never finished, or was made by a Python that is gone, is made anew.
ifneq ($(shell test -x $(BIN)/python && $(BIN)/python -c 'import pip' 2>&1 || echo none),)
$(shell rm -f $(VENV)/installed $(VENV)/installed-dev)
endif

$(VENV)/installed: requirements-build.txt requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 15) else "MELASTI needs Python 3.11 to 3.14")'
	@$(BIN)/python -c 'import pip' 2>/dev/null || { $(ENSUREPIP) && rm -rf $(VENV) && umask 022 && $(PYTHON) -m venv $(VENV); }
	@echo "Installing the libraries; the first time takes a few minutes …"
	@$(PIP) -r requirements-build.txt && $(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@$(PIP) -r requirements-dev.txt
	@touch $@

install: $(VENV)/installed ## Install what a server needs, and nothing else
	@umask 022 && $(BIN)/python -m compileall -q -x '/\.(venv|git)/' .

run: $(VENV)/installed ## Install, migrate, seed demo data and serve on 127.0.0.1:8000
	@exec $(BIN)/python run.py start

test: programs ## Install what the tests need and run them: kills, widths and Postgres sampled
	@$(BIN)/python -m pytest -n 2 --dist worksteal --sample

test-all: programs ## The same with every kill, every width and every case on Postgres
	@$(BIN)/python -m pytest -n 2 --dist worksteal

programs: $(VENV)/installed-dev
	@$(BIN)/python -m tests.programs

lock: $(VENV)/installed-dev ## Pin what pyproject.toml asks for, with hashes (UPGRADE=--upgrade: newer ones of the rest too)
	@$(LOCK) $(UPGRADE) --group build -o requirements-build.txt
	@$(LOCK) $(UPGRADE) pyproject.toml -o requirements.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra s3 -c requirements.txt -o requirements-s3.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --all-extras --group dev -c requirements.txt -o requirements-dev.txt

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

SBOM ?= dist/melasti.cdx.json
sbom: $(VENV)/installed-dev ## Write what a release is made of, as CycloneDX (SBOM=file)
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml \
	  --mc-type application --output-reproducible --of JSON -o $(SBOM)

release: lint types test sbom ## Tag this commit with its section of the changelog
	@$(BIN)/python -m tests.release

N ?= 200
SEED ?= 1
mutants: $(VENV)/installed-dev ## Change N operators of rules/, moves/ and workflow.py (SEED=…): does a test notice?
	@$(BIN)/python -m tests.mutants $(N) $(SEED)

screenshots: programs ## Write docs/screenshots from a running demo
	@$(BIN)/python -m tests.screenshots

bench: $(VENV)/installed-dev ## Measure pages (ROWS=…), the whole system, the recap (RECAP_ROWS=…) a hanging gateway (HANG=60), strangers and backups
	@$(BIN)/python -m tests.bench.pages
	@$(BIN)/python -m tests.bench.processes
	@$(BIN)/python -m tests.bench.recap
	@$(BIN)/python -m tests.bench.hang
	@$(BIN)/python -m tests.bench.strangers
	@$(BIN)/python -m tests.bench.backups

clean: ## Remove the virtual environment and the demo data
	@rm -rf $(VENV) data
