# Parley. `make` alone lists what there is; `make run` runs it on a bare machine with Python 3.11.
# No work on the shell's side beyond finding Python: app/bootstrap.py makes the environments,
# the `parley` command does the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON_IS_311 = -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1
FIND_PYTHON = for found in "$(PYTHON)" python3.11 python3 python; do \
	    [ -n "$$found" ] && command -v "$$found" >/dev/null 2>&1 && "$$found" $(PYTHON_IS_311) && break; \
	    found=; done; \
	  [ -n "$$found" ] || { echo "✗ Parley needs Python 3.11, and none was found: install it (on Debian 12: apt install python3.11 python3.11-venv) or say where it is: make run PYTHON=/path/to/python3.11"; exit 1; }
BOOTSTRAP = $(FIND_PYTHON); "$$found" app/bootstrap.py
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest
DATA ?= ../shared/data
REPORTS = .parley/reports

.PHONY: help
help: ## list what there is
	@echo "Parley: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## set up what is missing, start everything, keep it running (Ctrl-C stops it)
	@$(BOOTSTRAP) && exec $(BIN)/parley run --tethered

.PHONY: env
env: ## make both environments, without the tools for tests
	@$(BOOTSTRAP)

.PHONY: dev
dev: ## make both environments, with the tools for tests
	@$(BOOTSTRAP) --dev

.PHONY: setup
setup: env ## environments, sentence encoder, kb index and a trained model, without starting anything
	@$(BIN)/parley setup

.PHONY: train
train: env ## train the bot; a running engine gets the new model
	@$(BIN)/parley train

.PHONY: shell
shell: env ## talk to the bot in this terminal (its actions need `make run` beside it)
	@$(BIN)/parley engine -- rasa shell -m models/parley.tar.gz --endpoints deploy/endpoints.shell.yml

# ---- tests, the cheap ones first ----

STEPS = lint types imports setup unit validate stories integration journeys browser

.PHONY: test
test: dev ## everything below, in order of cheapness
	@rm -rf $(REPORTS); mkdir -p $(REPORTS)
	@for step in $(STEPS); do \
	    printf '\n== %s\n' "$$step"; \
	    $(MAKE) "$$step" || { printf '\n✗ make test stopped: `make %s` failed (see above)\n' "$$step"; exit 1; }; \
	done
	@$(BIN)/python -m tests.tools.summary $(REPORTS)

.PHONY: lint
lint: dev ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

.PHONY: format
format: dev ## ruff: mend what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

.PHONY: types
types: dev ## mypy, strict, in both environments
	@$(BIN)/mypy && $(BIN)/mypy --config-file engine/mypy.ini --python-executable engine/.venv/bin/python engine benchmarks/nlu*.py

.PHONY: imports
imports: dev ## the import law
	@$(BIN)/lint-imports

.PHONY: unit
unit: dev setup ## unit tests, in both environments
	@$(PYTEST) tests/unit --ignore=tests/unit/engine --junitxml=$(REPORTS)/unit.xml
	@engine/.venv/bin/python -m pytest tests/unit/engine --junitxml=$(REPORTS)/engine.xml

.PHONY: integration
integration: dev ## real Postgres, Redis, engine, action server
	@$(PYTEST) tests/integration --junitxml=$(REPORTS)/integration.xml

.PHONY: journeys
journeys: dev ## whole stories through the sandbox
	@$(PYTEST) tests/journeys --junitxml=$(REPORTS)/journeys.xml

.PHONY: browser
browser: dev ## the pages in a real Chromium
	@$(BIN)/python -m tests.tools.chromium; code=$$?; \
	  [ $$code -eq 75 ] && exit 0; [ $$code -eq 0 ] || exit $$code; \
	  $(PYTEST) tests/browser --junitxml=$(REPORTS)/browser.xml

.PHONY: race
race: dev ## 1,000 seeded orders of takeovers, turns, sends and crashes (PLAYS=number, SEED=one of them alone)
	@$(BIN)/python -m tests.race $(if $(SEED),--seed $(SEED),--plays $(or $(PLAYS),1000))

.PHONY: validate
validate: env ## Rasa's check of data/ and domain.yml
	@$(BIN)/parley engine -- rasa data validate --fail-on-warnings

.PHONY: stories
stories: env ## the bot's conversation tests (tests/stories)
	@$(BIN)/parley stories

# ---- benchmarks, the rest ----

.PHONY: bench-nlu
bench-nlu: dev ## intents: ours beside Rasa's default (DATA=folder)
	@engine/.venv/bin/python -m benchmarks.nlu --data $(DATA) --write

.PHONY: bench-engine
bench-engine: dev ## training, start, parse, memory, and turns late in a session
	@$(BIN)/python -m benchmarks.engine --write

.PHONY: nlu-report
nlu-report: dev ## what the training examples are worth, intent by intent
	@engine/.venv/bin/python -W ignore -m engine.report

.PHONY: bench-escalation
bench-escalation: dev setup ## who is called when, on our labelled messages and conversations
	@$(BIN)/python -m benchmarks.escalation --write

.PHONY: bench-entities
bench-entities: dev ## products and addresses: our rules beside a trained recogniser
	@engine/.venv/bin/python -W ignore -m benchmarks.entities --write

.PHONY: bench-kb
bench-kb: dev ## retrieval over the articles
	@$(BIN)/python -m benchmarks.kb --write

.PHONY: bench-corridor
bench-corridor: dev ## from webhook to answer, beside the engine alone
	@$(BIN)/python -m benchmarks.corridor --write

.PHONY: pictures
pictures: dev setup ## take the pictures of the docs anew
	@$(BIN)/python -m tests.tools.pictures

.PHONY: docs
docs: dev ## write the generated reference pages anew
	@$(BIN)/python -m app.reference

.PHONY: clean
clean: ## remove what was made: environments, models, state (the embedded database too)
	@[ ! -e .parley/run.json ] || { echo "✗ Parley still runs here: stop it first."; exit 1; }
	@rm -rf .venv engine/.venv .parley .rasa models .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
