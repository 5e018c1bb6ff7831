# Two commands matter: `make run` and `make test`. What they need, they install
# beside this file (.venv, node_modules); only Chromium, where there is none, goes to Playwright's own cache.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUNBUFFERED := 1

.PHONY: run test lint unit frontend e2e screenshots bench soak lock clean

run: $(VENV)/.installed static/dist/manifest.json
	@exec $(BIN)/countersign run

# --- install ---------------------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Countersign needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/run.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --only-binary :all: -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.lock $(VENV)/.installed
	$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.lock
	@touch $@

node_modules/.installed: package-lock.json $(VENV)/.installed
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- front end -------------------------------------------------------------------------------------------------------

static/dist/manifest.json: node_modules/.installed static/build.mjs $(shell find static/src static/css static/images -type f 2>/dev/null)
	node static/build.mjs

# --- checks ----------------------------------------------------------------------------------------------------------

test: lint unit frontend e2e

lint: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	node node_modules/typescript/bin/tsc --noEmit -p tsconfig.json

unit: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m pytest tests --ignore=tests/e2e -n 2

frontend: node_modules/.installed
	node --test "tests/frontend/**/*.test.ts"

e2e: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m tests.e2e.browser
	$(BIN)/python -m pytest tests/e2e -n 2

screenshots: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m tests.e2e.screenshots

bench: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m benchmarks.gateway

soak: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m pytest tests -m soak --timeout=3600

# --- upkeep ----------------------------------------------------------------------------------------------------------

UV := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(UPGRADE)
lock: | $(BIN)/python  # `make lock UPGRADE=--upgrade` for newer versions
	$(PIP) install uv
	$(UV) --group build pyproject.toml -o requirements/run.lock
	$(UV) --group build --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean:
	rm -rf $(VENV) node_modules static/dist .mypy_cache .ruff_cache .pytest_cache
