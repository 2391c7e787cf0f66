# Everything a newcomer needs. Each recipe sets up what it lacks, in .venv/ and node_modules/ of this tree only,
# and does again only what a change made stale. `make help` lists the recipes.

PYTHON ?= python3

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
OBJECTS := .venv-objects
# pip warns about every damaged or foreign distribution it walks past; what matters it says as an error.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JLPM := $(BIN)/jlpm
RUN := PATH="$(CURDIR)/$(BIN):$$PATH"
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# What ends up in the wheel. Folders are listed too, so that a removed file makes the wheel stale as well.
FRONTEND := package.json labextension/tsconfig.json \
	$(shell find labextension/src labextension/style labextension/schema 2>/dev/null)
PACKAGE := pyproject.toml README.md LICENSE install.json \
	$(shell find runtrack_jupyter jupyter-config ipython-config \
		\( -path runtrack_jupyter/labextension -o -name __pycache__ \) -prune -o -print 2>/dev/null)

BUNDLE := runtrack_jupyter/labextension/static/style.js
WHEEL := dist/.built
wheel = $(firstword $(wildcard dist/*.whl))

.PHONY: help
help: ## list the recipes
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

# ---------------------------------------------------------------------------------------------- for users

.PHONY: demo
demo: $(VENV)/.demo-ready ## run the demo notebook, restore its good run in a fresh kernel, print the history
	@$(RUN) python binder/demo.py

.PHONY: lab
lab: $(VENV)/.demo-ready ## open JupyterLab on the demo
	@[ -e .demo/demo.ipynb ] || $(MAKE) demo
	@cd .demo && $(RUN) jupyter lab $(ROOT) --notebook-dir=. demo.ipynb

# ------------------------------------------------------------------------------------------ for developers

.PHONY: test
test: unit ui-test ## every test: unit, kernels, server, and JupyterLab in a browser

.PHONY: check
check: lint types unit ## what must be clean before a commit: lint, types and all tests but the browser's

.PHONY: lint lint-python lint-layers lint-front
lint: lint-python lint-layers lint-front ## ruff, import-linter, eslint, prettier, stylelint

lint-python: $(VENV)/.dev-ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lint-layers: $(VENV)/.dev-ready
	$(RUN) lint-imports

lint-front: node_modules/.installed
	$(RUN) $(JLPM) eslint
	$(RUN) $(JLPM) prettier --check
	$(RUN) $(JLPM) stylelint

.PHONY: types types-python types-front
types: types-python types-front ## mypy (strict, package and tests) and tsc (strict)

types-python: $(VENV)/.dev-ready
	$(BIN)/mypy

types-front: node_modules/.installed
	$(RUN) $(JLPM) types

# What is tested is the wheel as it is installed, never the tree: -P keeps the tree off the path.
# pytest-jupyter and pytest-playwright cannot share one process: each brings its own event loop.
PYTEST := $(RUN) RUNTRACK_WHEEL="$$(ls $(CURDIR)/dist/*.whl)" python -P -m pytest

.PHONY: unit unit-front unit-python
unit: unit-front unit-python ## all tests but the browser's

unit-front: node_modules/.installed
	$(RUN) $(JLPM) test

unit-python: $(VENV)/.dev-ready
	$(PYTEST) tests --ignore=tests/ui -p pytest_jupyter.jupyter_server -p no:playwright $(PYTEST_ARGS)

.PHONY: ui-test
ui-test: $(VENV)/.dev-ready ## JupyterLab in Chromium, clicking what a user clicks
	@.ci/need-chromium
	$(PYTEST) tests/ui $(PYTEST_ARGS)

.PHONY: screens
screens: ui-test ## the pictures of the documentation, as the browser tests just took them
	@mkdir -p docs/images && cp test-results/images/*.png docs/images/

# Peers are measured beside Runtrack, never depended on. They share everything else that is installed in .venv,
# so that all systems run on the same libraries.
PEERS := benchmarks/.peers
PEER_PACKAGES := dill kishu torch

.PHONY: bench-peers
bench-peers: $(PEERS)/.ready ## what benchmarks/state.py compares Runtrack with, in benchmarks/.peers/

.PHONY: bench-state
bench-state: $(VENV)/.dev-ready $(PEERS)/.ready ## keep every state, go back to each: Runtrack and its peers side by side
	$(RUN) python -P benchmarks/state.py $(BENCH_ARGS)

$(PEERS)/.ready: | $(VENV)/.dev-ready
	@echo "runtrack: installing $(PEER_PACKAGES)"
	@$(BIN)/python -m venv $(PEERS)
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		>"$$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/shared.pth"
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install $(PEER_PACKAGES)
	@touch $@

# Every Python that is here times the two generations of ipykernel; each pair has an environment of its own.
PYTHONS ?= python3.10 python3.11 python3.12 python3.13 python3.14
IPYKERNELS ?= 6 7
MATRIX_TESTS ?= tests/kernel tests/tracking tests/state tests/store tests/lineage tests/capture

.PHONY: matrix
matrix: $(VENV)/.dev-ready ## the tests of what kernels load, on every Python that is here, with ipykernel 6 and 7
	@.ci/matrix "$(wheel)" "$(PYTHONS)" "$(IPYKERNELS)" $(MATRIX_TESTS) $(PYTEST_ARGS)

.PHONY: objects
objects: $(VENV)/.objects-ready ## try every object of forty libraries and write docs/objects.md (installs several GB)
	@$(OBJECTS)/bin/python -P -c 'import sys; sys.path.append("."); from tests.objects.__main__ import main; main()'
	@$(OBJECTS)/bin/python -P -m pytest tests/state -p no:playwright $(PYTEST_ARGS)

.PHONY: watch
watch: $(VENV)/.dev-ready node_modules/.installed ## rebuild the front end into .venv at every change of its sources
	$(RUN) jupyter-builder develop . --overwrite
	$(RUN) $(JLPM) watch:src & trap 'kill $$!' EXIT; $(RUN) $(JLPM) watch:labextension

.PHONY: build
build: $(WHEEL) ## the wheel and the source distribution, in dist/
	$(BIN)/python -m build --sdist --no-isolation
	@ls -l dist/*.whl dist/*.tar.gz

.PHONY: clean
clean: ## remove what these recipes made, except .demo/ (it holds a history: remove that yourself)
	rm -rf $(VENV) $(OBJECTS) .venv-matrix node_modules dist build labextension/lib labextension/tsconfig.tsbuildinfo \
		runtrack_jupyter/labextension test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .eslintcache .stylelintcache

# ------------------------------------------------------------------------------------------------- set-up

$(VENV)/.created:
	@.ci/need-tools "$(PYTHON)"
	@echo "runtrack: making $(VENV)/"
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

# What pyproject.toml's [build-system] asks for, in .venv too: it brings jlpm (yarn), and a rebuild is then quick.
$(VENV)/.build-ready: $(VENV)/.created pyproject.toml
	@echo "runtrack: installing the build tools"
	@$(PIP) install build $$($(BIN)/python .ci/build_requires.py)
	@touch $@

# With CI=true yarn refuses to change yarn.lock by itself.
node_modules/.installed: package.json yarn.lock .yarnrc.yml | $(VENV)/.build-ready
	@echo "runtrack: installing the front end's dependencies"
	@$(RUN) $(JLPM) install >$(VENV)/yarn.log 2>&1 || { cat $(VENV)/yarn.log; exit 1; }
	@touch $@

$(BUNDLE): node_modules/.installed $(FRONTEND)
	@echo "runtrack: building the front end"
	@rm -rf runtrack_jupyter/labextension labextension/lib labextension/tsconfig.tsbuildinfo
	@$(RUN) $(JLPM) build:prod
	@touch $@

$(WHEEL): $(BUNDLE) $(PACKAGE)
	@echo "runtrack: building the wheel"
	@rm -rf dist && mkdir dist
	@$(BIN)/python -m build --wheel --no-isolation >dist/build.log 2>&1 || { cat dist/build.log; exit 1; }
	@touch $@

# Dependencies follow pyproject.toml; a new wheel alone is put in place without asking for them again.
$(VENV)/.demo-dependencies: pyproject.toml | $(WHEEL)
	@echo "runtrack: installing what the demo needs"
	@$(PIP) install "$(wheel)[demo]"
	@touch $@

$(VENV)/.dev-dependencies: pyproject.toml | $(WHEEL)
	@echo "runtrack: installing what the tests need"
	@$(PIP) install "$(wheel)[dev]"
	@touch $@

# Also undoes what `make watch` linked, which pip would leave in place.
$(VENV)/.installed: $(WHEEL)
	@echo "runtrack: installing the wheel"
	@rm -rf $(VENV)/share/jupyter/labextensions/runtrack-jupyter
	@$(PIP) install --no-deps --force-reinstall "$(wheel)"
	@touch $@

$(VENV)/.objects-ready: pyproject.toml $(WHEEL)
	@echo "runtrack: installing the libraries of docs/objects.md in $(OBJECTS)/"
	@[ -e $(OBJECTS)/bin/python ] || "$(PYTHON)" -m venv $(OBJECTS)
	@$(OBJECTS)/bin/python -m pip --disable-pip-version-check --quiet install "$(wheel)[objects]"
	@$(OBJECTS)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --force-reinstall "$(wheel)"
	@touch $@

$(VENV)/.demo-ready: $(VENV)/.demo-dependencies $(VENV)/.installed
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.dev-dependencies $(VENV)/.installed
	@touch $@
