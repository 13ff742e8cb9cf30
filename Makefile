# The one runner. `make help` lists what there is.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
MEMBERS := transfer-ledger tap-autotask tap-exact-online target-autotask target-exact-globe target-exact-online mapper-autotask-exact
BIN := .venv/bin
PORT ?= 8765
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help install demo test e2e settings lint format types bench sandbox lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## the environment in .venv, from requirements.lock

.uv/bin/uv:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .uv uv

.venv/installed: requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml) $(filter .uv/bin/uv,$(UV))
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=--editable ./%)
	$(BIN)/python -m compileall -q $(MEMBERS) sandbox
	@touch $@

lock: $(filter .uv/bin/uv,$(UV)) ## pin versions and hashes anew
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev pyproject.toml \
		$(MEMBERS:%=--no-emit-package %) --no-header --no-annotate --output-file requirements.lock $(LOCK_FLAGS)

demo: install ## run the integrations against a fresh sandbox and show what arrived
	$(BIN)/python -m sandbox.demo

test: install ## all tests
	$(PYTEST) -n 2 --dist loadscope $(ARGS)

settings: install ## write the tables of settings, streams and the ledger into the READMEs, from the code
	WRITE_SETTINGS=1 $(PYTEST) -q -k readme tests/test_meltano_yml.py tests/mapper_autotask_exact/test_pages.py \
		tests/tap_autotask/test_readme.py tests/tap_exact_online/test_settings.py tests/transfer_ledger/test_readme.py

lint: install ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## mend the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## types, strictly
	$(BIN)/mypy $(MEMBERS) sandbox tests

bench: install ## speed and memory, as ratios to a plain loop (half an hour)
	$(BIN)/python -m tests.benchmarks.bench_throughput $(ARGS)

sandbox: install ## Autotask and Exact on http://127.0.0.1:8765/_sandbox/, Exact Globe on port 8766
	$(BIN)/python -m sandbox --port $(PORT) $(ARGS)

clean: ## remove all that was made here
	rm -rf .venv .uv .meltano .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis
