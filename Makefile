# `make help` lists the targets with the text behind `##`, under the last heading that begins with `##@`.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
# Tests start hundreds of processes: what they import is compiled once, also where an image's settings say otherwise.
unexport PYTHONDONTWRITEBYTECODE
FUZZ_SECONDS ?= 300
FUZZ_PARTS ?= pdus,texts,agi,sip,http
TEST_RUNNER := pytest
# Two processes more than cores: one does nothing but calls and mostly listens, and the others wait now and then, too.
TEST_PROCESSES := $(shell expr $$(nproc) + 2)

.PHONY: help setup hooks run call ring check watch lint test test-debian13 fuzz sbom \
	bench-voice bench-speech bench-sms bench-campaign bench-mail bench-web bench-backup bench-billing bench-soak clean

help: ## the list of targets
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z][a-z0-9-]*:.*## / { printf "  make %-16s%s\n", $$1, $$2 }' Makefile

##@ Trying it

run: setup ## sets up what is missing and starts the product in the foreground; Ctrl-C stops it
	@$(VENV)/bin/eschool run

call: setup ## while it runs: a telephone calls and prints what it hears (FROM=0888123456 KEYS=1 RECORD=x.ogg)
	@sh asterisk_conf/system_packages.sh test
	@$(PY) -m devtools.telephone $(if $(FROM),--from '$(FROM)') $(if $(KEYS),--keys '$(KEYS)') $(if $(RECORD),--record '$(RECORD)')

ring: setup ## while it runs: telephones of parents that the product rings (ONLY=0888123456 KEYS=2)
	@sh asterisk_conf/system_packages.sh test
	@$(PY) -m devtools.telephone.ring $(if $(ONLY),--only '$(ONLY)') $(if $(KEYS),--keys '$(KEYS)')

setup: $(VENV)/.installed ## only the set-up: system packages and the virtual environment
	@sh asterisk_conf/system_packages.sh run

# A new package is a new __init__.py: the editable installation has to learn of it.
$(VENV)/.installed: setup.cfg constraints.txt pyproject.toml $(wildcard */__init__.py)
	@sh asterisk_conf/system_packages.sh base
	@echo "Python packages into $(VENV) ..."
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

##@ Working on it

check: setup ## lint, types, import rules and one folder's quick tests (ROOM=school/outbox; by default all)
	@$(PY) -m devtools.check $(ROOM)

watch: setup ## the same after every change of a file (ROOM=school/outbox)
	@$(PY) -m devtools.check --watch $(ROOM)

hooks: setup ## lint, types and import rules before every commit
	@$(VENV)/bin/pre-commit install

lint: $(VENV)/.installed ## only lint, types and import rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test: setup ## every check and every test, with real calls; CI runs this (PYTEST_ARGS='-k outbox')
	@sh asterisk_conf/system_packages.sh test
	@$(MAKE) --no-print-directory lint
	$(PY) -m $(TEST_RUNNER) --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder \
		--durations 25 $(PYTEST_ARGS)

test-debian13: ## the tests on Debian 13 (PYTEST_ARGS='-k outbox')
	@sh devtools/debian13.sh "$(PYTEST_ARGS)"

fuzz: setup ## random input for the running product (FUZZ_SECONDS=300 FUZZ_PARTS=agi,http)
	@sh asterisk_conf/system_packages.sh test
	@$(PY) -m tests.fuzz --seconds $(FUZZ_SECONDS) --parts $(FUZZ_PARTS)

sbom: setup ## the bill of materials of a release, CycloneDX: build/sbom.cdx.json
	@$(PY) -m devtools.sbom build/sbom.cdx.json

##@ Measuring it: see docs/performance.md (BENCH_ARGS=--no-write keeps its tables as they are)

bench-voice: setup ## simultaneous calls, and how soon the voice answers
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.voice $(BENCH_ARGS)

bench-speech: setup ## how well each voice is understood over the telephone, by a recogniser (some ten minutes)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[speech]'
	@$(VENV)/bin/eschool prompts install-rhvoice || true
	$(PY) -m bench.speech $(BENCH_ARGS)

bench-sms: setup ## SMS per second, sent and received
	@sh asterisk_conf/system_packages.sh test
	@sh asterisk_conf/system_packages.sh bench
	$(PY) -m bench.sms $(BENCH_ARGS)

bench-mail: setup ## letters per second
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.mail $(BENCH_ARGS)

bench-campaign: setup ## a campaign that calls 2,000 families
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.campaign $(BENCH_ARGS)

bench-web: setup ## pages and saving a lesson
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.web $(BENCH_ARGS)

bench-backup: setup ## backups and restoring them, on both databases
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.backup $(BENCH_ARGS)

bench-soak: setup ## as root: an hour of traffic and random faults on two hosts (BENCH_ARGS='--minutes 5')
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.soak $(BENCH_ARGS)

bench-billing: setup ## a month's charging of 500,000 payers; BENCH_ARGS='--parts year': a simulated year of 2,000
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.billing $(BENCH_ARGS)

##@ Tidying up

clean: ## remove the virtual environment and the tools' caches; ./var stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
