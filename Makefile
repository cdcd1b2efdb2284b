# Two commands do everything: `make demo` and `make test`. Each installs what it needs into .venv first: the demo what
# runs the product, everything else the tools as well.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# mkdocs-material advertises its successor on every build.
export NO_MKDOCS_2_WARNING := 1
STAMP := $(VENV)/.installed
PRODUCT := $(VENV)/.product
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test public-cases laws fuzz test-rig catalogue soak test-all test-lowest coverage mutants check generate shots format bench docs wheel clean

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("calico_bgp needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

# The lock says which versions, pyproject.toml says of what.
$(PRODUCT): pyproject.toml requirements-dev.lock | $(BIN)/python
	@test -e $(STAMP) || { echo "installing into $(VENV): some 95 MB, half a minute, once"; \
	began=$$(date +%s); $(PIP) --constraint requirements-dev.lock -e . && echo "installed in $$(($$(date +%s) - began)) s"; }
	@touch $(PRODUCT)

$(STAMP): pyproject.toml requirements-dev.lock | $(BIN)/python
	@echo "installing the tools into $(VENV): some 600 MB, a minute, once"
	@began=$$(date +%s); $(PIP) -r requirements-dev.lock && $(PIP) --no-deps -e . && echo "installed in $$(($$(date +%s) - began)) s"
	@touch $(STAMP) $(PRODUCT)

demo: $(PRODUCT)  ## Show the main job on a cluster that lives in this process
	@$(BIN)/python -m calico_bgp demo

test: $(STAMP)  ## Run the tests that need nothing but Python
	$(BIN)/python -m pytest -n auto -m "not rig"

public-cases: $(STAMP)  ## Run the inputs as operators have them, of which each says what is right
	$(BIN)/python -m pytest -n auto tests/unit/test_cases.py

laws: $(STAMP)  ## Try the laws with examples that no run has tried; `make test` has the same ones each time
	$(BIN)/python -m pytest -n auto -m "not rig" --hypothesis-profile=others $$(grep -rlE '^@given' tests --include='test_*.py')

fuzz: $(STAMP)  ## Feed every reader with what it does not expect, a minute each (SECONDS=60)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

test-rig: $(STAMP)  ## Run the tests against real sshd and BIRD (as root)
	$(BIN)/python -m pytest -m rig -n 2 --dist loadfile

catalogue: $(STAMP)  ## Break real BIRDs in every way of the catalogue, mend them, print the score (as root, 30 minutes)
	$(BIN)/python -m tests.rig.catalogue.score $(if $(THROUGH_API),--through-api)

soak: $(STAMP)  ## Watch real BIRDs for half an hour while faults come and go; kill the history's writer 50 times (as root)
	HISTORY_KILLS=50 $(BIN)/python -m pytest -q --timeout 1200 tests/unit/store/history/test_kill.py
	$(BIN)/python -m tests.rig.soak --minutes $(or $(MINUTES),30)

test-all: $(STAMP)  ## Run every test
	$(BIN)/python -m pytest

test-lowest:  ## Run the tests with the oldest dependencies that pyproject.toml admits, in a .venv-lowest of its own
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check $$($(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; print(*(d.split(",")[0].replace(">=", "==") for d in p["dependencies"] + p["optional-dependencies"]["notebook"] + p["optional-dependencies"]["metrics"]))')
	@# The recipes end with mypy, which reads the types of the locked dependencies.
	.venv-lowest/bin/python -m pytest -n auto -m "not rig" --ignore tests/unit/docs/test_recipes.py

# The tests of what reasons; other tests run it too, but judge other things.
REASONING := $(addprefix tests/unit/,auditing causes changes cluster expect plan routes rules whatif \
	cli/change/test_route.py) \
	$(addprefix tests/property/,test_choice.py test_expect.py test_verdict.py \
		routes/test_classes.py routes/test_propagation.py)

coverage: $(STAMP)  ## Lines and branches of each room that reasons that its tests run; fails below the floor
	$(BIN)/python -m pytest -q -n auto --timeout 600 -p tests.mutants.seconds --cov --cov-context=test --cov-report= $(REASONING)
	$(BIN)/python -m tests.coverage_floor

mutants: $(STAMP)  ## Put small faults into what judges and print those that no test notices (hours; SAMPLE=100)
	@test -f .coverage || $(MAKE) coverage
	$(BIN)/python -m tests.mutants $(if $(SAMPLE),--sample $(SAMPLE))

check: $(STAMP)  ## Format, lint, types, import contract, generated pages, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check
	$(BIN)/mkdocs build --strict --quiet --site-dir site

generate: $(STAMP)  ## Write anew what is made from the code: pages of the docs, golden files (then read `git diff`)
	$(BIN)/python docs/generate.py
	$(BIN)/python -m pytest -q -n auto --update $$(grep -rlE 'golden|"--update"' tests/unit --include='test_*.py')

shots: $(STAMP)  ## Take the screenshot of a page (Chromium), and run the notebook for its page in the docs
	$(BIN)/python docs/take_screenshot.py
	$(BIN)/python docs/render_notebook.py

format: $(STAMP)  ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## Measure speed and memory against named alternatives
	$(BIN)/python -m benchmarks

docs: $(STAMP)  ## Build the documentation into site/
	$(BIN)/mkdocs build --strict --site-dir site
	@echo "open site/index.html"

wheel: $(STAMP)  ## Build the wheel and the sdist into dist/
	$(BIN)/python -m build

clean:  ## Remove what the other targets made
	rm -rf $(VENV) site dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
