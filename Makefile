# reelgraph: set-up, demo, tests. POSIX make and sh; 'make help' lists the targets.

PYTHON = $$(for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; exit; fi; done; echo python3)
VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# arguments for pytest and for the demo: make test ARGS='-k writer'
ARGS =

help:
	@echo "make demo    install, start a local Neo4j, load, train, write back, and show a user's list"
	@echo "make run     start just the local server          make stop   stop it"
	@echo "make unit    install what testing needs and run the quick tests: no Java, no server, a minute"
	@echo "make test    install what testing needs and run all tests"
	@echo "make test-lower-bounds    the unit tests with the oldest dependencies that are allowed"
	@echo "make lint    all checks of code and Cypher         make format  lay out code and Cypher"
	@echo "make docs    write docs/reference.md again"
	@echo "make clean   delete everything made here; asks before deleting data (YES=1 does not ask)"
	@echo "Variables: PYTHON=/path/to/python3.11  VENV=.venv  ARGS='arguments of demo or pytest'"

demo: ready-server $(VENV)/.installed
	$(BIN)/reelgraph demo $(ARGS)

run: ready-server $(VENV)/.installed
	$(BIN)/reelgraph neo4j up $(ARGS)

stop:
	@if [ -x $(BIN)/reelgraph ]; then $(BIN)/reelgraph neo4j down; else echo "not installed, nothing to stop"; fi

# The tests that need nothing but Python; 'slow' ones and those with real data run in 'make test'.
unit: ready-lint $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --hypothesis-profile=quick \
		-m 'not slow and not gpu and not shared_data' tests/unit $(ARGS)

# A missing GPU or Docker daemon leaves their tests out; with CI set, any other skip is a failure.
# Each worker takes whole files in their order, those with a server first, and starts one server
# (1.5 GB), hence at most four. A database that is named is one for all: no workers.
test: ready-test $(VENV)/.installed-dev chromium
	@marks=; \
	if ! docker info >/dev/null 2>&1; then marks='not docker'; \
		echo "No Docker daemon answers: tests marked docker are left out."; fi; \
	if ! nvidia-smi -L >/dev/null 2>&1; then marks="$${marks:+$$marks and }not gpu"; \
		echo "No CUDA device: tests marked gpu are left out."; fi; \
	if ! [ -d ../shared/data ]; then marks="$${marks:+$$marks and }not shared_data"; \
		echo "No ../shared/data: tests marked shared_data are left out."; fi; \
	workers='auto --maxprocesses 4'; \
	if [ -n "$${REELGRAPH_TEST_URI:-}" ]; then workers=0; fi; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $$workers --dist loadfile --no-loadscope-reorder \
		--durations 15 -m "$$marks" $(ARGS)

# The unit tests with the oldest versions that setup.cfg allows, in an environment of their own
# (torch is large: some minutes).
test-lower-bounds: ready-lint
	@echo "Making $(VENV)/lower-bounds ..."
	@$(PYTHON) -m venv $(VENV)/lower-bounds
	@$(VENV)/lower-bounds/bin/python tests/lint/lower_bounds.py >$(VENV)/lower-bounds/constraints.txt
	@$(VENV)/lower-bounds/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint $(VENV)/lower-bounds/constraints.txt --editable '.[dev]'
	@$(VENV)/lower-bounds/bin/python -m pytest -m 'not gpu and not shared_data' tests/unit $(ARGS)

# Every check runs, so that one run shows everything.
lint: ready-lint $(VENV)/.installed-dev .lint/reelgraph
	@failed=; \
	check() { echo "== $$1"; shift; "$$@" || failed=1; }; \
	check ruff $(BIN)/ruff check .; \
	check 'ruff format' $(BIN)/ruff format --check .; \
	check mypy env MYPYPATH=.lint $(BIN)/mypy -p reelgraph; \
	check 'mypy (Windows)' env MYPYPATH=.lint $(BIN)/mypy --platform win32 \
		--cache-dir .mypy_cache/win32 -p reelgraph; \
	check 'mypy (example plugin)' env MYPYPATH=.lint:plugins/example $(BIN)/mypy -p reelgraph_example; \
	check imports $(BIN)/lint-imports; \
	check codespell $(BIN)/codespell; \
	check Cypher $(BIN)/python tests/lint/cypher_gate.py; \
	if [ -n "$$failed" ]; then echo "make lint: there are problems, see above"; exit 1; fi

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/python tests/lint/cypher_gate.py --fix

docs: $(VENV)/.installed-dev
	$(BIN)/python -m reelgraph.cli.reference docs/reference.md

clean:
	@data=$$(find neo4j_data -mindepth 1 -maxdepth 1 ! -name README.md; ls -d datasets runs 2>/dev/null); \
	if [ -n "$$data" ] && [ "$(YES)" != 1 ]; then \
		echo "This deletes the local graph, data sets and trained models:"; echo "$$data"; \
		if [ ! -t 0 ]; then echo "Nothing is deleted: run it in a terminal, or YES=1 make clean"; exit 1; fi; \
		printf 'Delete them? [y/N] '; read answer; \
		case "$$answer" in y|Y|yes) ;; *) echo "Nothing is deleted."; exit 1 ;; esac; \
	fi; \
	if [ -x $(BIN)/reelgraph ]; then $(BIN)/reelgraph neo4j down || exit 1; \
	elif [ -f neo4j_data/server.json ]; then \
		echo "The server may be running and $(VENV) is gone: make run stop, then make clean"; exit 1; fi; \
	find neo4j_data -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; \
	if [ -f .env ]; then \
		(umask 077; grep -v '^REELGRAPH_LOCAL_PASSWORD=' .env > .env.kept); \
		if [ -s .env.kept ]; then mv .env.kept .env; else rm -f .env.kept .env; fi; \
	fi
	rm -rf datasets runs build dist reelgraph.egg-info .lint tests/lint/node_modules $(VENV)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

ready-server ready-test ready-lint:
	@./prerequisites.sh "$(PYTHON)" $(@:ready-%=%)

$(VENV)/bin/python:
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing reelgraph and its run-time dependencies (torch is large) ..."
	@$(PIP) --editable '.[fast]'
	@touch $@

$(VENV)/.installed-dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing reelgraph, its dependencies (torch is large) and the tools of development ..."
	@$(PIP) --editable '.[dev,fast]'
	@touch $@ $(VENV)/.installed

# mypy wants a parent folder with a valid name
.lint/reelgraph:
	@mkdir -p .lint && ln -sfn .. .lint/reelgraph

chromium:
	@for name in chromium chromium-browser google-chrome; do \
		if command -v $$name >/dev/null 2>&1; then exit 0; fi; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; \
	else echo "Chromium not found, the Browser test is skipped: apt-get install chromium"; fi

.PHONY: help demo run stop unit test test-lower-bounds lint format docs clean chromium ready-server ready-test ready-lint
