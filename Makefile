# The whole manual: `make up` serves, `make test` proves.

MAKEFLAGS += --no-print-directory
RUN := .venv/bin/python

# Images often say that Python shall keep nothing of what it compiles: each of the many processes of a run would compile it anew.
export PYTHONDONTWRITEBYTECODE :=

# The newest Python that is 3.11 or later and runs: a name on the PATH may be a shim for a version that is not there.
FIND_PYTHON = for p in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3; do \
    "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; p=; done; \
  [ -n "$$p" ] || { echo "Almanac needs Python 3.11 or newer; none is on the PATH. Or say: make PYTHON=/path/to/python3" >&2; exit 1; }

# A checker that only speaks when it found something.
quietly = said=$$($(1) 2>&1) || { echo "$$said"; exit 1; }

.PHONY: up test quick fuzz bench bench-import lint openapi baseline clean pins run dev

up: run ## Serve on http://127.0.0.1:8000, with PostgreSQL and Valkey of its own. PORT=8001 for another port.
	@$(RUN) -m almanac up --stop-with-parent $(if $(PORT),--port $(PORT))

test: lint ## Everything, as continuous integration runs it.
	@$(RUN) -m pytest -q -n auto

quick: dev ## Rules, statements, publishing, reads and importers, without slow tests, two cases of each: about a minute.
	@$(RUN) -m pytest -q -n auto -m "not slow" --cases 2 $(addprefix tests/,unit queries publish bundled api importers)

lint: dev ## Style, types, import contracts, migrations.
	@$(RUN) -m ruff check --quiet --output-format concise .
	@$(RUN) -m ruff format --check --quiet .
	@$(call quietly,$(RUN) -m basedpyright --level error)
	@$(call quietly,.venv/bin/lint-imports --no-logo)
	@$(call quietly,.venv/bin/squawk sql/migrations/*.sql)

fuzz: dev ## 50000 cases against servers of its own. FUZZ_CASES, FUZZ_SEED for others.
	@$(RUN) -m tests.contract.fuzz_many

bench: dev ## Floors, the product and peers side by side over a synthetic corpus: ratios, into bench/report.md. Needs wrk. BENCH="--rounds 5".
	@$(RUN) -m bench $(BENCH)

bench-import: dev ## Imports against the floor (COPY of the same rows), and the time and memory of each file in ../shared/data.
	@$(RUN) bench/imports.py

openapi: run ## Write the published document anew.
	@$(RUN) -m almanac openapi

baseline: openapi ## With a release, and only then: what is published now is what later documents are held against.
	@cp openapi/v1.json openapi/baseline/v1.json

pins: ## Resolve requirements/ anew after a change of dependencies. Needs uv, and the network.
	@c="uv pip compile -q --universal --generate-hashes --no-annotate --no-header"; \
	$$c pyproject.toml -o requirements/serve.txt && \
	$$c pyproject.toml --extra embedded -o requirements/run.txt && \
	$$c pyproject.toml --extra bulk -o requirements/bulk.txt && \
	$$c pyproject.toml --extra duckdb -o requirements/duckdb.txt && \
	$$c pyproject.toml --extra bulk --extra s3 -o requirements/s3.txt && \
	$$c pyproject.toml --extra traces -o requirements/traces.txt && \
	$$c pyproject.toml --extra embedded --extra bulk --extra duckdb --extra s3 --extra traces --extra dev -o requirements/dev.txt && \
	$$c bench/peers/requirements.in --python-version 3.11 -o requirements/bench.txt && \
	echo "hatchling>=1.27" | $$c - -o requirements/build.txt && \
	echo "uv>=0.9" | $$c - -o requirements/installer.txt

clean: ## Remove what was installed and stored here.
	@rm -rf .venv .almanac .pytest_cache .ruff_cache .hypothesis .import_linter_cache

run dev:
	@$(FIND_PYTHON); "$$p" requirements/install.py $@
