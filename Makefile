# Everything a newcomer types. `make` alone says what there is.
# An environment is made once in .venv and again only when a requirements file changes.

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench requirements
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
WANTED := $(shell cat .python-version)
RUN := .venv/.run-$(shell cksum < requirements.txt | tr ' ' '-')
DEV := .venv/.dev-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' '-')

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' Makefile

setup: $(DEV) ## the environment in .venv, with what tests and lint need
	@echo "Ready. Next: make run, or make test."

run: $(RUN) ## a running product; PRM_PORT=8000 PRM_DATA=.data PRM_DEMO=1
	@$(PYTHON) -m config.run

test: $(DEV) ## the whole suite, in parallel, on real servers; ARGS="tests/config -x" for a part of it
	@.ci/browser >/dev/null || true
	@$(PYTHON) -m pytest -n auto --dist loadgroup $(ARGS)

lint: $(DEV) ## style, types, floors, migrations, templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/mypy partners deals plans prm config tests benchmarks
	@$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@.venv/bin/djlint --quiet --lint partners/templates deals/templates plans/templates prm/templates

bench: $(DEV) ## every benchmark beside its floor (those on files say which); ARGS="screening --rows 100000" for one
	@if [ -n "$(ARGS)" ]; then $(PYTHON) -m benchmarks $(ARGS); else \
		for name in $$($(PYTHON) -m benchmarks | awk 'NR > 1 {print $$1}'); do \
			echo "== $$name"; $(PYTHON) -m benchmarks $$name || [ $$? -eq 2 ] || exit 1; \
		done; fi

requirements: $(DEV) ## pin anew what pyproject.toml asks for
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --upgrade \
		--custom-compile-command "make requirements" pyproject.toml -o requirements.txt
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --extra dev -c requirements.txt \
		--custom-compile-command "make requirements" pyproject.toml -o requirements-dev.txt

$(RUN):
	@.ci/environment requirements.txt "$(WANTED)"
	@touch $@

$(DEV):
	@.ci/environment requirements-dev.txt "$(WANTED)"
	@touch $@ $(RUN)
