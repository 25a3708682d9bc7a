# Two commands do everything on a fresh machine: `make demo` and `make test`. Python 3.11+ and make are enough.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PY := .venv/bin/python

.PHONY: demo ui portal t test lint unit bench docs clean
.DEFAULT_GOAL := help

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Installed again only when the lock file moves.
.venv/.installed: pyproject.toml authoring/pyproject.toml uv.lock | $(filter .tools/bin/uv,$(UV))
	$(UV) sync --frozen --quiet --compile-bytecode --extra airflow --extra celery
	touch $@

demo: .venv/.installed  ## play the period 2026-H1 on a real Airflow, from blank to dispatched: out/demo/
	@$(PY) -m demo.play

ui: .venv/.installed  ## the Airflow UI over the runs of the last demo
	@$(PY) -m demo.airflow_stack up --home out/demo/airflow --env out/demo/env

portal: .venv/.installed  ## the units' portal over the last demo, or over a small installation of its own
	@$(PY) -m demo.portal

lint: .venv/.installed  ## ruff, mypy --strict, import-linter
	@.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

t: .venv/.installed  ## one test or file, with its error short: make t T=tests/unit/store/test_cells.py
	@$(PY) -m pytest -x --tb=short $(T)

unit: .venv/.installed  ## the fast tests only
	@$(PY) -m pytest tests/unit

# A third of the tests' time they wait for processes of their own: one process of tests more than there are cores, on two
# cores, where memory has room for it.
test: lint  ## everything, in two or three processes; where memory has room for it, on files in memory
	@room=$$(df --output=avail /dev/shm 2>/dev/null | tail -1)
	if [ "$${room:-0}" -gt 8000000 ]; then
		export TMPDIR=$$(mktemp -d /dev/shm/baocao-tests.XXXXXX)
		chmod 755 "$$TMPDIR"  # PostgreSQL runs as another user
		trap 'rm -rf "$$TMPDIR"' EXIT
	fi
	free=$$(awk '/^MemAvailable/ {print $$2}' /proc/meminfo 2>/dev/null)
	$(PY) -m pytest -n $$(( $${free:-0} > 12000000 ? 3 : 2 )) --dist loadfile --no-loadscope-reorder

bench: .venv/.installed  ## speed against a baseline in the same run: out/bench/results.md (KEEP=1: bench/results.md)
	@$(PY) -m bench.run $(if $(KEEP),--keep)

docs: .venv/.installed  ## write the generated pages: docs/law.md, docs/rules.md (committed), docs/forms/ (not)
	@$(PY) -m baocao.cli docs

clean:  ## remove what was produced, keep the environment
	rm -rf out var
