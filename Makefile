# Two commands need nothing but Python 3.11 or newer and make:
#   make demo   sets everything up and runs the main job on a copy of sample_tracker.xlsx
#   make test   sets everything up and runs the tests

SHELL  := /bin/sh
VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)

.PHONY: demo test check bench picture clean
.DEFAULT_GOAL := demo

$(VENV)/python:
	@test -n "$(PYTHON)" || { echo "sheetsync needs Python 3.11 or newer on the PATH: install it and run make again."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install it (Debian, Ubuntu: apt install python3-venv) and run make again."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/run: $(VENV)/python pyproject.toml
	@echo "Setting up (once) ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/bench: $(VENV)/run
	@$(BIN)/python -m pip install --quiet --group bench
	@touch $@

demo: $(VENV)/run
	@mkdir -p demo
	@$(BIN)/python tools/make_demo.py sample_tracker.xlsx demo/tracker.xlsx
	@$(BIN)/sheetsync sync demo/tracker.xlsx
	@echo "Open demo/tracker.xlsx in Excel or LibreOffice to see it. For your own: $(BIN)/sheetsync sync YOUR-TRACKER.xlsx"

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto

check: $(VENV)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/bench
	$(BIN)/python benchmarks/run.py

picture: $(VENV)/dev
	for each in tools/render_*.py; do $(BIN)/python $$each || exit 1; done

clean:
	rm -rf $(VENV) demo dist build
