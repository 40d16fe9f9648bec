# One front door. `make demo` on a fresh machine is enough; every target sets up what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
export PATH := $(CURDIR)/$(BIN):$(PATH)
PARTS := $(BIN)/python tests/run_parts.py
PAGE := api/huizhen/api/page/index.html
PAGE_SOURCES := $(shell find api/web -type f -not -path '*/node_modules/*' -not -path '*/tests/*' -not -path '*/e2e/*' 2>/dev/null)
TESTS ?=
MINUTES ?= 60

.PHONY: help setup demo check test faults fuzz soak bench clean
.DELETE_ON_ERROR:

help:
	@echo "make setup    everything this needs, with the tools of the tests"
	@echo "make demo     a real exam on this machine, and the address of the page"
	@echo "make check    style, types, layout and unit tests: seconds, no servers"
	@echo "make test     all tests, with a time table"
	@echo "make faults   kill, pause, cut and fill, each ending in the ledger check"
	@echo "make fuzz     hostile bytes for longer"
	@echo "make soak     MINUTES=60 at a quarter of the load: memory, open files and threads must stay flat"
	@echo "make bench    figures, each with its rival in the same run"

setup: $(STAMPS)/system-all $(STAMPS)/installed $(STAMPS)/jars $(PAGE)

demo: $(STAMPS)/system-run $(STAMPS)/installed $(STAMPS)/jars $(PAGE)
	$(BIN)/huizhen demo

check: $(STAMPS)/installed
	$(PARTS) static unit

test: setup
	$(PARTS) static unit contract security e2e faults fuzz

faults: setup
	$(PARTS) --full faults

fuzz: setup
	$(PARTS) --full fuzz

soak: setup
	$(BIN)/python -m benchmarks.soak $(MINUTES)

bench: setup
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/fill.py

clean:
	rm -rf .venv api/web/node_modules api/huizhen/api/page dist

$(STAMPS):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is too old: Python 3.11 or later is needed, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Install the venv module (Debian: apt-get install python3-venv)"; exit 1; }
	@mkdir -p $@

$(STAMPS)/system-%: infra/setup/system.sh | $(STAMPS)
	@sh infra/setup/system.sh $*
	@touch $@

$(STAMPS)/node: infra/setup/node.sh infra/setup/node.lock | $(STAMPS)
	@sh infra/setup/node.sh $(BIN)
	@touch $@

$(STAMPS)/installed: requirements.lock pyproject.toml | $(STAMPS)
	$(BIN)/pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/jars: infra/kafka/pom.xml $(STAMPS)/installed
	$(BIN)/python -m huizhen.cli.jars_io
	@touch $@

ifneq ($(PAGE_SOURCES),)
$(PAGE): $(PAGE_SOURCES) $(STAMPS)/page-tools
	cd api/web && npm run --silent build
	@touch $@

$(STAMPS)/page-tools: api/web/package-lock.json $(STAMPS)/node | $(STAMPS)
	cd api/web && npm ci --silent --no-audit --no-fund
	@touch $@
else
$(PAGE):
	@echo "There is no page to build (api/web)"
endif
