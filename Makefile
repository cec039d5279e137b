# Every target sets up what it needs: a virtual environment in .venv, which is updated when pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
# Python programs are started with python -m: the scripts of a virtual environment break if its path contains quotes.
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
MATRIX := 3.11 3.12 3.13

# Without its cache of compiled modules, every process that a target starts would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check package faults fuzz mutants experiment integration lint types contracts bench matrix docs format lock clean

help:
	@echo "make demo    see a whole gate run against a simulated platform; needs nothing"
	@echo "make test    run the tests, without the slow ones"
	@echo "make check   lint, types, import contracts and all tests, with full branch coverage"
	@echo "make package build the package, and try it in a fresh environment"
	@echo "make faults  run the installed command against every fault that a platform or a machine can have"
	@echo "make fuzz    feed the readers of results files and status replies with what covers more of them, for a minute"
	@echo "make mutants change the deciding code in thousands of ways, and see that the tests notice; takes an hour"
	@echo "make experiment  let the rules judge suites drawn at random: false alarms, and falls that are found"
	@echo "make integration  run the examples for GitHub, GitLab and Jenkins with the tools of those systems"
	@echo "make bench   measure start-up, reports, rules and polling, each as a ratio"
	@echo "make matrix  run the tests on every Python of $(MATRIX) that is installed"
	@echo "make docs    write the tables of the pages anew, from those of the program"
	@echo "make format  format the code"
	@echo "make lock    pin the packages that the GitHub action installs, anew"
	@echo "make clean   remove what the targets made"

demo: $(VENV)/run
	@$(BIN)/python -I -m ci_gate demo

# Without what is slow, which `make check` adds. One module alone: make test TESTS=tests/core
TESTS ?= tests
test: $(VENV)/dev
	$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist worksteal $(OPTIONS) $(TESTS)

check: lint types contracts
	@$(MAKE) --no-print-directory test OPTIONS="--cov --cov-report=term --hypothesis-profile=full"
	$(BIN)/python -m pytest -q -m slow

# Builds the package, and uses it as a stranger would: in a fresh environment, out of the unpacked source distribution.
package: $(VENV)/dev
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist >/dev/null
	@$(PYTHON) -m venv dist/$(VENV)
	@mkdir dist/unpacked && tar -xzf dist/*.tar.gz -C dist/unpacked --strip-components 1
	@dist/$(BIN)/python -I -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@cd dist/unpacked && ../$(BIN)/python -I -m pip install -qq --disable-pip-version-check ../*.whl --group test
	@cd dist && $(BIN)/python -I -m ci_gate demo
	@rm -r dist/unpacked/ci_gate # so that the tests run against what was installed
	@cd dist/unpacked && ../$(BIN)/python -m pytest -q tests/test_docs.py

faults: $(VENV)/dev
	@$(BIN)/python -m tests.tools.faults

# Linux only, with a Python for which atheris has a wheel. A longer run: make fuzz SECONDS=600
SECONDS ?= 60
fuzz: $(VENV)/fuzz
	@$(BIN)/python -m tests.tools.fuzzing --seconds $(SECONDS)

# Runs in a copy of the tree, at low priority. Some changes only: .venv/bin/python -m tests.tools.mutation "*.polling.*"
mutants: $(VENV)/mutation
	@nice -n 15 $(BIN)/python -m tests.tools.mutation

# Seeded: draws the same suites every time. To draw others: .venv/bin/python -m tests.tools.experiment --seed 1
experiment: $(VENV)/dev
	@$(BIN)/python -m tests.tools.experiment

# Also needs Node with npm, rsync and Java 17, for the tools that execute GitLab jobs and Jenkinsfiles.
integration: $(VENV)/integration
	$(BIN)/python -m pytest -q -m integration tests/integration

lint: $(VENV)/dev
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m check_jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/python -m check_jsonschema --builtin-schema vendor.github-workflows examples/github/*.yml .github/workflows/*.yml
	$(BIN)/zizmor --quiet --offline --no-progress action.yml examples/github/*.yml .github/workflows

types: $(VENV)/dev
	$(BIN)/python -m mypy

contracts: $(VENV)/dev
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()'

bench: $(VENV)/dev
	$(BIN)/python -m tests.tools.benchmarks

docs: $(VENV)/dev
	@$(BIN)/python -m tests.tools.docs

format: $(VENV)/dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# Pins the newest versions that pyproject.toml allows, for every system and Python at once: review the difference.
LOCK := $(BIN)/python -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --only-binary :all: --no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/dev
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check 'uv>=0.9,<1'
	@$(LOCK) --output-file ci_gate/action/requirements.lock pyproject.toml
	@$(LOCK) --output-file ci_gate/action/requirements-crypto.lock --extra crypto pyproject.toml

# A Python of the matrix counts as installed if it runs; each has its own virtual environment.
matrix:
	@set -e; for version in $(MATRIX); do \
	  if python$$version -c '' 2>/dev/null; then \
	    $(MAKE) --no-print-directory test PYTHON=python$$version VENV=.venv-$$version; \
	  else echo "python$$version is not installed: skipped"; fi; \
	done

$(VENV)/run: pyproject.toml ci_gate/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Name another: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' comes without venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@echo "setting up $(VENV) (once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --group dev
	@touch $@

$(VENV)/fuzz: $(VENV)/dev
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --group fuzz
	@touch $@

$(VENV)/mutation: $(VENV)/dev
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --group mutation
	@touch $@

$(VENV)/integration: $(VENV)/dev tests/integration/package-lock.json
	@for tool in npm rsync java; do command -v $$tool >/dev/null || { \
	  echo "'$$tool' is missing. On Debian and Ubuntu: apt install npm rsync openjdk-17-jre-headless" >&2; exit 2; }; done
	@test "$$(java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')" -ge 17 || { \
	  echo "Java 17 or newer is needed for the tools of Jenkins" >&2; exit 2; }
	@echo "setting up the tools of the CI systems (once)" >&2
	@$(BIN)/python -I -m pip install -qq --disable-pip-version-check --group integration
	@mkdir -p $(VENV)/node && cp tests/integration/package.json tests/integration/package-lock.json $(VENV)/node
	@npm ci --loglevel=error --no-audit --no-fund --ignore-scripts --prefix $(VENV)/node
	@touch $@

clean:
	rm -rf .venv .venv-* dist ci-gate-demo .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .fuzzing
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
