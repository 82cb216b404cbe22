# One command each. Every target does the set-up it needs; `make setup` alone is a no-op when all is there.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps
SEEDS ?= 10
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest
LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: help setup system browser up test test-fast fault bench bench-geo bench-tracks prove-geo real pictures check format lock broker-up broker-down clean distclean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: system $(STAMPS)/python $(STAMPS)/kafka ## Build .venv and fetch Kafka; install a JRE and Maven where it may

system:
	@deploy/install-system.sh

browser:
	@deploy/install-browser.sh

$(STAMPS)/venv:
	@test -x $(BIN)/python || deploy/create-venv.sh $(PYTHON)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: $(STAMPS)/venv requirements/dev.txt pyproject.toml
	@echo "installing the locked Python packages into .venv"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/kafka: deploy/kafka/pom.xml $(STAMPS)/python
	@if test -z "$${VEDETTE_BROKER:-}"; then echo "fetching Kafka once" && $(BIN)/vedette broker prepare && touch $@; fi

$(STAMPS)/bench: requirements/bench.txt $(STAMPS)/python
	@echo "installing the benchmarks' peers into .venv"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

up: setup ## The main job: embedded Kafka, all workers, a simulated strait, live view (Ctrl-C ends it)
	@$(BIN)/vedette up

test: setup browser ## Every test, one seed of each fault, on a real broker (< 12 min)
	@$(PYTEST) -n auto --maxprocesses 4 --dist loadgroup -m "not soak"

test-fast: setup ## Tests without a broker and without slow ones (< 2 min)
	@HYPOTHESIS_PROFILE=fast $(PYTEST) -m "not kafka and not fault and not soak and not slow"

fault: setup ## Kill, freeze and cut the running system; SEEDS=10
	@VEDETTE_FAULT_SEEDS=$(SEEDS) $(PYTEST) -m fault -s

bench: setup $(STAMPS)/bench ## All benchmarks in one run; figures to build/bench/*.json
	@mkdir -p build/bench
	@$(BIN)/python -m benchmarks --out build/bench

bench-geo: setup ## The zone index beside shapely, and S2 where Go is there; figures to build/bench/geo.json
	@$(BIN)/python -m benchmarks --out build/bench geo

prove-geo: setup ## The zone index against its oracles at full volume, piece by piece; PROVE="--only points"
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.prove_geo --json build/bench/prove_geo.json $(PROVE)

real: setup ## What is true of recorded traffic (VEDETTE_DATA, else ../shared/data), with its figures
	@$(PYTEST) -s -m data tests/real

pictures: setup ## Draw the pictures of docs/explanation/geofencing.md again, from the index itself
	@$(BIN)/python -m benchmarks.pictures docs/pictures

bench-tracks: setup $(STAMPS)/bench ## The tracker beside Stone Soup; figures to build/bench/tracks.json (half an hour)
	@mkdir -p build/bench
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.tracks --json build/bench/tracks.json
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.identity --json build/bench/identity.json

check: setup ## Format, lint, types on source and tests, import layers
	@bad=0; \
	$(BIN)/ruff format --check . || bad=1; \
	$(BIN)/ruff check . || bad=1; \
	$(BIN)/mypy || bad=1; \
	$(BIN)/lint-imports --no-cache --no-logo || bad=1; \
	exit $$bad

format: setup ## Rewrite the source as `make check` wants it
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

lock: setup ## Rewrite requirements/*.txt from pyproject.toml
	@$(LOCK) -o requirements/runtime.txt
	@$(LOCK) --extra dev -o requirements/dev.txt
	@$(LOCK) --extra dev --extra bench -o requirements/bench.txt

broker-up: setup ## Start a Kafka broker that stays (data in .vedette/)
	@$(BIN)/vedette broker start

broker-down: ## Stop it
	@if test -x $(BIN)/vedette; then $(BIN)/vedette broker stop; fi

clean: broker-down ## Remove build results and caches; .venv and the fetched Kafka stay
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .vedette
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## Remove .venv too
	@rm -rf .venv
