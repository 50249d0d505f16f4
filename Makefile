# Two commands for a newcomer: `make example` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: example test conformance fuzz example-test docs corpus engines clean

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

example-test: $(VENV)/.installed $(VENV)-price/.installed  ## the example's own tests and, by hand, each command of its pipeline
	cd examples/price-service && export PATH="$(abspath $(VENV)-price/bin):$$PATH" && \
	  ruff check . && ruff format --check . && mypy && dvc pull -q && dvc status -q && python -m pytest -q
	PATH="$(abspath $(VENV)-price/bin):$$PATH" $(BIN)/python tests/by_hand.py

$(VENV)-price/.installed: examples/price-service/requirements.lock examples/price-service/requirements-dvc.txt
	$(PYTHON) -m venv $(VENV)-price
	$(VENV)-price/bin/pip install --quiet --upgrade pip
	$(VENV)-price/bin/pip install --quiet -r examples/price-service/requirements.lock -r examples/price-service/requirements-dvc.txt
	@touch $@

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.developed: pyproject.toml $(VENV)/.installed
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-price .engines dist build
