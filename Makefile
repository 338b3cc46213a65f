# Every target sets up what it needs, says what it is doing, and is quick the second time.
# Prerequisites: Python 3.13, Node 20 or newer, make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python 3.13 that runs: a shim of pyenv may be on PATH and refuse.
PYTHON ?= $(shell for p in python3.13 python3 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && { echo "$$p"; break; }; done)
PY := .venv/bin/python
CODE := function_app.py shared local tests bench
unexport CONTAINER_NAME # with it the Functions host believes that it runs in a container of Azure
unexport PYTHONDONTWRITEBYTECODE # with it each of a hundred processes that the tests start compiles everything anew

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# ------------------------------------------------------------------------------------------------------------- set-up

.venv/.ready: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo 'missing: Python 3.13 (python3.13 on PATH or in pyenv)' >&2; exit 1; }
	@echo "set-up: Python packages into .venv (about a minute, once)" >&2
	@rm -rf .venv && "$(PYTHON)" -m venv .venv
	@$(PY) -m pip install --disable-pip-version-check --no-deps --progress-bar off -r requirements-dev.txt \
		| awk -v all="$$(grep -c == requirements-dev.txt)" '/^Collecting/ && ++n % 15 == 0 { print "set-up:   " n " of " all > "/dev/stderr" }'
	@touch $@

node_modules/.ready: package.json package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { echo 'missing: Node.js 20 or newer, with npm' >&2; exit 1; }
	@node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' \
		|| { echo "missing: Node.js 20 or newer (found $$(node --version))" >&2; exit 1; }
	@echo "set-up: npm packages into node_modules (about a minute, once)" >&2
	@npm ci --loglevel=error --ignore-scripts --no-audit --no-fund >&2
	@touch $@

.PHONY: setup
setup: .venv/.ready node_modules/.ready

# ---------------------------------------------------------------------------------------------------------------- run

.PHONY: demo host channel azure card post provider doctor rules-plan screenshots
demo: setup ## play a scenario without Azure, show the Teams channel: make demo [SCENARIO=fleet-500] [ONCE=1: end by itself]
	@$(PY) -m local.demo $(if $(ONCE),--once) $(if $(SCENARIO),--scenario $(SCENARIO))

channel: setup ## the Teams channel page on its own, where local.settings.sample.json posts to (CHANNEL_PORT, default 7081)
	@exec $(PY) -m local.teams --port $${CHANNEL_PORT:-7081}

azure: setup ## a simulated Azure on its own: make azure [FLEET=500] [FAILING=20] (AZURE_PORT, default 7090)
	@exec $(PY) -m local.azure --port $${AZURE_PORT:-7090} --fleet $(or $(FLEET),12) --failing $(or $(FAILING),0)

host: setup ## start storage and the functions host only (HOST_PORT, default 7071)
	@exec $(PY) -m local.host

card: setup ## print the card for one sample event: make card SAMPLE=kustomization-build-failed
	@$(PY) -m local.sample card "$(SAMPLE)"

post: setup ## sign a sample event and post it to a running host: make post SAMPLE=… [CLUSTER=…] [URL=…]
	@$(PY) -m local.sample post "$(SAMPLE)" $(if $(CLUSTER),--cluster "$(CLUSTER)") $(if $(URL),--url "$(URL)")

provider: setup ## print Secret, Provider and Alert for a cluster: make provider CLUSTER=<ARM id> URL=https://…
	@$(PY) -m local.provider --cluster "$(CLUSTER)" --url "$(URL)" $(if $(NAMESPACE),--namespace "$(NAMESPACE)") $(if $(HEARTBEATS),--heartbeats)

doctor: .venv/.ready ## look at everything that the configured app depends on, in Azure too, with a remedy for each fault
	@$(PY) -m local.doctor

rules-plan: .venv/.ready ## print what would be done with the alert rules in Azure, and why; writes nothing
	@$(PY) -m local.rules_plan

screenshots: setup ## make the pictures in docs/images with headless Chromium
	@$(PY) -m local.pictures

# -------------------------------------------------------------------------------------------------------------- check

.PHONY: check infra-check test lint types contract format bench mutants pins
check: lint types contract infra-check test ## everything that must be green

test: setup ## run the tests on two workers: make test [ARGS="-k card"] [ARGS="-n 0 -x"]
	@echo "test: pytest"
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/.ready ## style
	@echo "lint: ruff"
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check --quiet $(CODE) || { echo 'not formatted: run make format' >&2; exit 1; }

types: .venv/.ready
	@echo "types: mypy --strict"
	@$(PY) -m mypy

contract: .venv/.ready
	@echo "contract: import-linter"
	@.venv/bin/lint-imports --no-logo

infra-check: .venv/.ready ## format, validity and tests of infra/, on a copy
	@echo "infra: terraform"
	@$(PY) -m tests.infra.check

format: .venv/.ready ## format the code
	@$(PY) -m ruff check --quiet --fix-only $(CODE)
	@$(PY) -m ruff format $(CODE)

bench: setup ## measure; prints ratios
	@$(PY) -m bench $(ARGS)

mutants: .venv/.ready ## change the Prometheus rules one by one, and see whether a scenario notices: make mutants [ARGS=FluxSystemDown]
	@$(PY) -m tests.rules.mutants $(ARGS)

pins: .venv/.ready ## compile requirements.txt and requirements-dev.txt from the .in files
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --no-header --no-annotate requirements.in -o requirements.txt
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --no-header --no-annotate -c requirements.txt requirements-dev.in -o requirements-dev.txt
