# roadworthy: `make help` lists what there is. Every target makes its own environment in .venv/.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= $(or $(ROADWORTHY_DATA),$(wildcard $(abspath ../shared/data)))
export ROADWORTHY_DATA := $(DATA)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# one thread a library: two cores are soon oversubscribed, and spinning threads cost CPU time for nothing
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench bench-peers lock docs clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/pip install --quiet -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run  ## the whole loop on real mail if there is some, else on a simulated mail provider
	$(BIN)/roadworthy demo $(DEMO)

test: $(VENV)/.dev  ## all tests
	$(BIN)/python -m pytest -n 2 $(TESTS)

check: $(VENV)/.dev  ## format, lint, types, floors, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site

format: $(VENV)/.dev  ## mend format and what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## every benchmark; BENCH="--quick" for a short one
	@for script in benchmarks/[a-z]*.py; do \
	  [ $$script = benchmarks/harness.py ] && continue; \
	  echo "== $$script"; $(BIN)/python $$script $(BENCH) || exit 1; done

bench-peers:  ## environments of the peers that benchmarks measure, each in .venvs/
	@for list in benchmarks/peers/*.txt; do \
	  peer=$$(basename $$list .txt); test -x .venvs/$$peer/bin/python || $(PYTHON) -m venv .venvs/$$peer; \
	  .venvs/$$peer/bin/pip install --quiet -r $$list; done

docs: $(VENV)/.dev  ## the documentation, served on 127.0.0.1:8000
	$(BIN)/mkdocs serve

lock: $(VENV)/.dev  ## pin every dependency anew from the ranges of pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --python-version 3.11 --extra dev --extra postgres --extra mysql --extra duckdb --extra remote --extra images --extra audio --extra documents pyproject.toml -o requirements-dev.lock

clean:  ## remove what the targets made; state of projects (.roadworthy/) stays
	rm -rf $(VENV) .venvs build dist site *.egg-info src/*.egg-info
