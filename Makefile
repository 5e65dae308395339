# Two commands do all the set-up: `make run` (use it) and `make test` (prove it). The rest is for developers.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
OPENMED := $(BIN)/openmed
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	2>/dev/null && echo $$name && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS ?= 2

.PHONY: run install test check system proof lint types layers unit format lock clean python

run: install
	@scripts/first_run.sh $(OPENMED)

install: $(VENV)/.installed

test: $(VENV)/.tested-with
	$(MAKE) --no-print-directory lint types layers
	$(BIN)/python -m pytest -n $(JOBS) -m 'not proof'

check: $(VENV)/.tested-with
	$(MAKE) --no-print-directory lint types layers
	$(BIN)/python -m pytest -n $(JOBS) -m 'not proof and not slow'

proof: $(VENV)/.tested-with
	$(BIN)/python -m pytest -n $(JOBS) -m proof

lint: $(VENV)/.tested-with
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tested-with
	$(BIN)/mypy

layers: $(VENV)/.tested-with
	$(BIN)/lint-imports

format: $(VENV)/.tested-with
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Debian packages that a few tests drive the program with; tests that need a missing one say so and skip.
system:
	@command -v apt-get >/dev/null 2>&1 || { echo "make system installs Debian packages; this machine has no apt-get."; exit 1; }
	@missing=""; for package in tmux strace dbus gnome-keyring; do \
		dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
		root=""; [ "$$(id -u)" = 0 ] || root=sudo; \
		$$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "OpenMed Agent needs Python 3.11 to 3.14, and no such python3 is on the PATH. Install one (Debian: apt-get install python3 python3-venv) and run make again." >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python is here, but its venv module is not. Install it (Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }

$(VENV)/bin/python: | python
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "The folder $(VENV) cannot be made. Check the disk and its permissions." >&2; exit 1; }

$(VENV)/.installed: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing OpenMed Agent into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes --requirement requirements/build.txt --requirement requirements/runtime.txt || { \
		echo "The locked packages cannot be installed. Check that this machine reaches a Python package index, then run make again." >&2; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tested-with: requirements/develop.txt $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement requirements/develop.txt
	@touch $@

# Needs uv; writes the locks that everything above installs from.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --output-file requirements/runtime.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --output-file requirements/build.txt requirements/build.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --constraint requirements/runtime.txt --group develop --output-file requirements/develop.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
