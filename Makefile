# Two commands for a newcomer: `make example` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXAMPLES := price-service dash-diabetes nightly-scores shiny-states

.PHONY: example test conformance fuzz example-test docs corpus engines lock audit sbom dist clean

example: $(VENV)/.installed  ## render the example for all five systems, and say where the files are
	@cd examples/price-service && ../../$(BIN)/pipelinekit render --all && echo "in $$(pwd)"

test: $(VENV)/.developed engines  ## everything: style, types, import contracts, tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto $(PYTEST)

conformance: $(VENV)/.developed engines  ## every pipeline of the corpus in every scenario on every engine, and the seeded bugs
	$(BIN)/python -m tests.conformance $(TARGETS)

fuzz: $(VENV)/.developed  ## 100,000 hostile strings for each reader of each engine; COUNT=1000 for fewer, TARGETS=drone for one
	$(BIN)/python -m tests.fuzz $(TARGETS) --count $(or $(COUNT),100000)

docs: $(VENV)/.developed  ## the pages and tables that the code says already
	$(BIN)/python -m docs.generate

corpus: $(VENV)/.developed  ## the traces of the conformance corpus, by the contract
	$(BIN)/python -m pipelinekit.testing.corpus

engines:  ## the readers that aren't Python packages; each is optional outside of CI
	@sh tests/readers/install.sh || { [ -z "$$CI" ] && echo "gitlab-ci-local is not installed: its tests will be skipped"; }

# Each has an environment of its own; what differs in an example's folder is run, committed or not.
example-test: $(EXAMPLES:%=example-test-%)  ## every command of the examples' pipelines, by hand; example-test-price-service for one

example-test-%: $(VENV)/.installed $(VENV)-%/.installed
	PATH="$(abspath $(VENV)-$*/bin):$$PATH" $(BIN)/python -m tests.examples $*

$(VENV)-%/.installed: $(VENV)/.installs
	$(PYTHON) -m venv $(VENV)-$*
	$(BIN)/uv pip install --quiet --python $(VENV)-$*/bin/python --require-hashes $(addprefix -r ,$(filter-out $<,$^))
	@touch $@

$(VENV)-price-service/.installed: examples/price-service/requirements.lock examples/price-service/requirements-dvc.txt
$(VENV)-dash-diabetes/.installed: examples/dash-diabetes/requirements.lock
$(VENV)-nightly-scores/.installed: examples/nightly-scores/requirements.lock
$(VENV)-shiny-states/.installed: examples/shiny-states/requirements-deploy.lock

$(VENV)/.installs: requirements/examples.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements/examples.lock
	@touch $@

$(VENV)/.installed: pyproject.toml requirements/run.lock requirements/build.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.lock -r requirements/build.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developed: requirements/dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

lock: $(VENV)/.developed  ## the locks, after a change of what pyproject.toml asks for; UPGRADE=--upgrade takes the newest of everything
	sh requirements/lock.sh $(UPGRADE)

audit: $(VENV)/.developed  ## known holes in what the locks name; says so where the service isn't reached
	$(BIN)/python requirements/audit.py $(AUDIT)

sbom: $(VENV)/.developed  ## what the wheel takes along, and what its making takes, as CycloneDX
	@mkdir -p dist
	$(BIN)/python requirements/sbom.py dist

dist: $(VENV)/.developed sbom  ## wheel and sdist: the same bytes wherever and whenever they are built
	@mkdir -p dist
	env -u SOURCE_DATE_EPOCH $(BIN)/python -m build --no-isolation --outdir dist .

clean:
	rm -rf $(VENV) $(EXAMPLES:%=$(VENV)-%) .engines dist build
