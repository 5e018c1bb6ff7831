# Two commands matter: `make run` and `make test`. What they need, they install beside this file (.venv,
# node_modules); only Chromium, where there is none, comes from Debian (for root there) or into Playwright's own cache.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PIP_INSTALL := $(PIP) install --no-compile
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUNBUFFERED := 1
# Packages are installed uncompiled, and compiled as they are imported: once, whatever the caller's environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint unit postgresql frontend e2e browser test-browsers test-postgresql screenshots bench soak sbom audit lock clean

run: $(VENV)/.installed static/dist/manifest.json
	@exec $(BIN)/countersign run

# --- install ---------------------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Countersign needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/run.lock pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/run.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.lock $(VENV)/.installed
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/dev.lock
	@touch $@

node_modules/.installed: package-lock.json $(VENV)/.installed
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- front end -------------------------------------------------------------------------------------------------------

static/dist/manifest.json: node_modules/.installed static/build.mjs countersign/testing/wallet.ts \
  $(shell find static/src static/css static/images -type f 2>/dev/null)
	node static/build.mjs

# --- checks ----------------------------------------------------------------------------------------------------------

# Two stages at a time, as each alone leaves the cores idle now and then. What a stage says comes when it has ended.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
test:
	@$(MAKE) --no-print-directory -j2 $(TOGETHER) e2e lint frontend unit postgresql

PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal --durations=10

lint: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	node node_modules/typescript/bin/tsc --noEmit -p tsconfig.json

unit: $(VENV)/.installed-dev static/dist/manifest.json
	$(PYTEST) tests --ignore=tests/e2e

# What speaks to a database, once more on a real PostgreSQL: one that the tests start, or TEST_POSTGRESQL_URL's.
# Left to `make test-postgresql`: documents, bodies and headers, and the site where it keeps nothing of its own.
ALIKE := gateway/schema gateway/http
ON_POSTGRESQL := TEST_DATABASE=postgresql $(PYTEST)
postgresql: $(VENV)/.installed-dev static/dist/manifest.json
	$(ON_POSTGRESQL) -m "not soak and not postgresql" tests/gateway tests/storage tests/siwe tests/applications \
	  tests/web/account tests/web/sessions $(ALIKE:%=--ignore=tests/%)

test-postgresql: $(VENV)/.installed-dev static/dist/manifest.json browser  # everything that can be
	$(ON_POSTGRESQL) tests --ignore=tests/e2e
	$(ON_POSTGRESQL) tests/e2e

frontend: node_modules/.installed
	node --test --test-isolation=none --test-timeout=60000 "tests/frontend/**/*.test.ts"

e2e: $(VENV)/.installed-dev static/dist/manifest.json browser
	$(PYTEST) tests/e2e

browser: $(VENV)/.installed-dev
	$(BIN)/python -m tests.support.e2e.browser

test-browsers: $(VENV)/.installed static/dist/manifest.json  # in browsers of other makers; says what to install
	node --test "tests/browsers/**/*.test.ts"

screenshots: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m tests.support.e2e.screenshots

# `make bench BENCH="--short"` for a minute instead of ten; `--help` says what else.
DRAWS := $(VENV)/draws
$(DRAWS)/.installed: requirements/bench.lock | $(BIN)/python
	$(BIN)/python -m venv $(DRAWS)
	$(DRAWS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: -r $<
	@touch $@

bench: $(VENV)/.installed-dev $(DRAWS)/.installed static/dist/manifest.json
	@missed=0; \
	$(BIN)/python -m bench $(BENCH) || missed=1; \
	$(if $(BENCH),,$(BIN)/python -m bench.pages || missed=1;) \
	$(DRAWS)/bin/python -m bench.picture bench/results/bench.json bench/results/bench.svg && exit $$missed

soak: $(VENV)/.installed-dev static/dist/manifest.json
	$(BIN)/python -m pytest tests -m soak --timeout=3600

# --- supply chain ----------------------------------------------------------------------------------------------------

sbom:  # CycloneDX, of all that the lock files install; asks nobody
	$(PYTHON) requirements/bill_of_materials.py > sbom.cdx.json

# Asks npm's and Python's services whether faults are known in it. Fails where some are, and where one was not answered.
AUDIT := $(VENV)/audit
$(AUDIT)/.installed: requirements/audit.lock | $(BIN)/python
	$(BIN)/python -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: -r $<
	@touch $@

audit: $(AUDIT)/.installed $(VENV)/.installed
	@asked=0; \
	npm audit --omit dev || asked=1; \
	$(AUDIT)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/run.lock || asked=1; \
	[ $$asked = 0 ] || { echo "Faults are known, or not everything could be asked about: see above." >&2; exit 1; }

# --- upkeep ----------------------------------------------------------------------------------------------------------

UV := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(UPGRADE)
lock: | $(BIN)/python  # `make lock UPGRADE=--upgrade` for newer versions
	$(PIP) install uv
	$(UV) --group build pyproject.toml -o requirements/run.lock
	$(UV) --group build --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock
	$(UV) --group audit -o requirements/audit.lock
	$(UV) --group bench -o requirements/bench.lock
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean:
	rm -rf $(VENV) node_modules static/dist countersign/testing/wallet.js .mypy_cache .ruff_cache .pytest_cache
