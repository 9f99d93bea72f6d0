# Everything starts here. Python 3.11 or newer and make are all that `make demo` needs.
.SILENT:
.DEFAULT_GOAL := help

MANAGE = .venv/bin/python manage.py
# A port of one's own moves the links that the product writes, too: `make demo PORT=8080`.
DEMO_ENVIRONMENT = $(if $(PORT),PUBLIC_URL=http://127.0.0.1:$(PORT))
CATALOGUES = $(wildcard locale/*/LC_MESSAGES/*.po)

# What is compiled once is kept, whatever a machine's habit is: else every process compiles it anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help install demo test proof bench docs lint messages text lock

help: ## what can be made
	echo "make install | demo | test | proof | bench | docs | lint | messages | text | lock"

.venv/.runtime: requirements/runtime.lock requirements/installer.lock requirements/install.sh
	sh requirements/install.sh runtime

.venv/.dev: requirements/dev.lock requirements/installer.lock requirements/install.sh
	sh requirements/install.sh dev

.venv/.catalogues: .venv/.runtime $(CATALOGUES)
	$(MANAGE) compile_catalogues
	touch $@

install: .venv/.runtime .venv/.catalogues ## environment, database, demo study: afterwards `.venv/bin/python manage.py ...` works
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) demo

demo: ## the demo study in the browser
	began=$$(date +%s) \
	&& $(MAKE) --no-print-directory .venv/.runtime .venv/.catalogues \
	&& $(DEMO_ENVIRONMENT) $(MANAGE) migrate --verbosity 0 \
	&& $(DEMO_ENVIRONMENT) $(MANAGE) demo \
	&& exec env $(DEMO_ENVIRONMENT) $(MANAGE) serve --began $$began

test: .venv/.dev .venv/.catalogues ## every check and the whole suite, on SQLite
	.venv/bin/python tests/run.py test

proof: .venv/.dev .venv/.catalogues ## the slow proofs: kill tests, rehearsals, timing; and the suite once more on PostgreSQL, where one answers
	.venv/bin/python tests/run.py proof

bench: .venv/.dev .venv/.catalogues ## the benchmarks: a table and JSON
	.venv/bin/python -m tests.bench

docs: .venv/.dev ## the documentation as pages, in build/docs
	.venv/bin/python -m sphinx --fail-on-warning --keep-going --quiet --builder html --doctree-dir build/doctrees --conf-dir docs/site . build/docs
	echo "The documentation is in build/docs/index.html"

lint: .venv/.dev .venv/.catalogues ## the checks without the suite
	.venv/bin/python tests/run.py lint

messages: .venv/.dev ## what is said in each language: finds new strings, compiles what is translated
	$(MANAGE) compile_catalogues --update
	touch .venv/.catalogues

# The model that codes free texts: an extra, installed by itself, since what it declares would bring a large stack along.
text: .venv/.runtime requirements/text.lock ## what codes free texts by their meaning, offline
	sh requirements/install.sh text

UV_COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

lock: .venv/.dev ## resolves requirements/*.in anew
	cd requirements && for name in installer runtime dev; do ../$(UV_COMPILE) --upgrade $$name.in -o $$name.lock || exit 1; done
	cd requirements && ../$(UV_COMPILE) --no-deps --upgrade text.in -o text.lock
