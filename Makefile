# `make run` and `make test` set up everything that they need. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
VENDORS := technion_bank asterisk freeswitch amazon_connect genesys_cloud zendesk
VENDOR_MODELS := $(VENDORS:%=models/staging/%) $(VENDORS:%=models/intermediate/%)

.DEFAULT_GOAL := help
.PHONY: help run test lint unit test-long spark-test docs definitions phone-countries report-test chromium bench bench-report bench-day bench-engines bench-vendors postgresql lock clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

run: $(VENV)/runtime ## Set up, and run the main job on the demo extracts, into ./var.
	$(BIN)/ccw run

test: lint unit ## Set up, lint, and run all tests.

lint: $(VENV)/dev ## Lint and type-check.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 models
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 --config .sqlfluff-vendors $(VENDOR_MODELS)

unit: $(VENV)/dev ## Run all tests: dbt's, and pytest's over them.
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-long: $(VENV)/dev ## Land a corpus of bad files; build without each source; land EPISODES (default 30) random histories in batches, and compare each with a full refresh; judge 208 honest days.
	CCW_TEST_CORPUS=all CCW_TEST_EPISODES=$(or $(EPISODES),30) CCW_TEST_HONEST_DAYS=208 $(BIN)/pytest \
		tests/python/test_bad_files.py tests/python/test_sources_off.py tests/python/test_incremental.py \
		tests/python/test_loads_that_lie.py

spark-test: $(VENV)/dev $(VENV)/spark ## Build on DuckDB and on Apache Spark, and compare what is published (needs Java 17).
	$(BIN)/pytest tests/spark

report-test: $(VENV)/dev chromium ## Look at the report in Chromium: every page, language, width, light and dark.
	$(BIN)/pytest tests/report

chromium: ## Install Debian's Chromium for the tests of the report, if it is missing and this is root; else say so.
	@command -v chromium >/dev/null || \
		{ test "$$(id -u)" = 0 && apt-get install --yes --no-install-recommends chromium fonts-noto-core fonts-noto-cjk; } || \
		echo "Chromium is missing and only root can install it (apt-get install chromium): its tests are skipped."

docs: $(VENV)/runtime ## Write dbt's documentation site to target/.
	$(BIN)/dbt docs generate --static

definitions: $(VENV)/runtime ## Write docs/kpi-definitions.md and the report's English words of KPIs from the semantic layer.
	$(BIN)/dbt --quiet parse
	$(BIN)/python -m pipelines.kpi.definitions

phone-countries: $(VENV)/dev ## Write seeds/settings/phone_countries.csv from the metadata of the installed phonenumbers.
	$(BIN)/python seeds/phone_countries.py

bench: $(VENV)/bench postgresql ## Time the main job on N simulated contacts (default 1000000) and other tools, into benchmarks/results.
	$(BIN)/python benchmarks/bench.py --contacts $(or $(N),1000000)

postgresql: ## Install Debian's PostgreSQL for the benchmark, if it is missing and this is root; else say so.
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ test "$$(id -u)" = 0 && apt-get install --yes --no-install-recommends postgresql; } || \
		echo "PostgreSQL is missing and only root can install it (apt-get install postgresql): it is left out."

bench-day: $(VENV)/runtime ## Time one more day, one small file and nothing after N simulated contacts (default 1000000) in DAYS days (default 366).
	$(BIN)/python benchmarks/day.py --contacts $(or $(N),1000000) --days $(or $(DAYS),366)

bench-engines: $(VENV)/spark ## Time the main job, or the models of SELECT, on DuckDB and on Spark on N simulated contacts (default 1000000; needs Java 17).
	$(BIN)/python benchmarks/engines.py --contacts $(or $(N),1000000) --select "$(SELECT)"

bench-report: $(VENV)/dev chromium ## Time building and opening the report of what is published in ./var.
	$(BIN)/python benchmarks/report.py

bench-vendors: $(VENV)/runtime ## Time EVENTS lines of a queue log (default 10000000) and RECORDS contact records of Amazon Connect (default 1000000) against DuckDB alone.
	$(BIN)/python benchmarks/vendors.py --events $(or $(EVENTS),10000000) --records $(or $(RECORDS),1000000)

lock: ## Renew the locks of requirements/ (needs uv).
	cd requirements && for name in runtime dev spark bench; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --allow-unsafe --no-strip-extras \
			--no-header --no-emit-index-url --no-emit-find-links $$name.in -o $$name.lock; \
	done

clean: ## Remove what runs and builds leave behind; extracts and locks stay.
	rm -rf $(VENV) target logs var/* .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

# The locks name every package with its version and hashes, so pip needs to resolve nothing.
$(VENV)/runtime: requirements/runtime.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes -r requirements/runtime.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev: $(VENV)/runtime requirements/dev.lock
	$(PIP) --no-deps --require-hashes -r requirements/dev.lock
	touch $@

$(VENV)/spark: $(VENV)/runtime requirements/spark.lock
	$(PIP) --no-deps --require-hashes -r requirements/spark.lock
	touch $@

$(VENV)/bench: $(VENV)/runtime requirements/bench.lock
	$(PIP) --no-deps --require-hashes -r requirements/bench.lock
	touch $@
