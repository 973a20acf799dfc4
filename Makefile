# What people type here. Each target sets up what it needs; `make` alone lists them.
# JOBS, SEED and ARGS steer the tests: make test JOBS=0 SEED=7 ARGS="tests/store -x"

PY := .venv/bin/python
# Tests wait for other processes more than they compute
JOBS ?= $(shell echo $$(( 2 * $$(nproc 2>/dev/null || echo 2) )))
ARGS ?=
SEED := $(or $(SEED),$(shell date +%s))

# Only a URL given to make itself counts, untouched by make's own $-expansion
ifeq ($(origin URL),command line)
override URL := $(value URL)
else
override URL :=
endif
export URL

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check format docs screenshots lock bench clean env-run env-dev

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

setup: env-run ## make .venv with the pinned versions, nothing else

run: env-run ## open the program; with URL=https://… download that and show progress
	@if [ -n "$$URL" ]; then set -f; exec .venv/bin/mediadl add --wait -- $$URL; else exec .venv/bin/mediadl; fi

demo: env-run ## the whole program against a simulated web, in a throw-away folder
	@.venv/bin/mediadl demo

# Empty counts as unset: hundreds of processes start from these sources, each would compile them anew
test: export PYTHONDONTWRITEBYTECODE :=
test: env-dev ## run every test
	@echo "tests in random order; the same again: make test SEED=$(SEED)"
	@$(PY) -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder -p randomly --randomly-seed=$(SEED) $(ARGS)

check: env-dev ## format, lint, types, import contracts, spelling, house rules
	@$(PY) tools/check.py

format: env-dev ## put the code into its format and mend what the linter can
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

docs: env-dev ## write docs/cli.md, docs/settings.md and docs/failures.md from the code
	@$(PY) tools/gen_docs.py

screenshots: env-dev ## take the pictures of the README anew, into docs/screens/
	@$(PY) tools/screenshots.py $(ARGS)

lock: ## resolve all versions afresh and rewrite constraints.txt
	@[ -x $(PY) ] || sh tools/setup.sh run
	@$(PY) tools/lock.py

bench: env-dev ## measure against other programs, results in benchmarks/RESULTS.md
	@$(PY) benchmarks/run.py $(ARGS)

clean: ## remove .venv and everything made from the sources
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

env-run:
	@sh tools/setup.sh run

env-dev:
	@sh tools/setup.sh dev
