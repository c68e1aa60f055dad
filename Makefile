# Dancu: two commands are enough for a start: `make demo` and `make test`.
PYTHON ?= python3
PEOPLE ?= 100000
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help demo demo-reset install develop test soak check format bench screenshots lock clean

help:            ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+: +##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 16

demo: install    ## a working country on http://localhost:8000 (PEOPLE=100000)
	@exec $(BIN)/dancu demo --people $(PEOPLE)

demo-reset: install  ## forget the demo country
	@$(BIN)/dancu demo --reset

install: $(VENV)/.installed  ## what is needed to run, into .venv

develop: $(VENV)/.developing  ## what is needed to change it, into .venv

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Dancu needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name one: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developing: $(VENV)/.installed requirements-dev.lock
	@echo "Installing the tools of developers into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

test: develop    ## every test, on a real PostgreSQL and in a real browser; a process a core
	@$(BIN)/python -m pytest -n auto --dist loadfile

soak: develop    ## the long runs
	@DANCU_SOAK=1 $(BIN)/python -m pytest -m "soak or not soak"

check: develop   ## style, types, import directions, migrations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/house

format: develop  ## put the code into the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: develop   ## measure against the yardsticks; tables are printed
	@$(BIN)/dancu bench

screenshots: develop  ## pictures of every page, at desktop and phone width, into docs/screenshots
	@DANCU_SCREENSHOTS=docs/screenshots $(BIN)/python -m tests.journeys.screenshots

lock: develop    ## lock the dependencies again
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --universal --group install --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --group install --group dev --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-dev.lock

clean:           ## remove what was installed and built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
