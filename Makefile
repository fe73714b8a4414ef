# make run   everything on this machine, in the foreground; make call   a telephone calls it; make ring   telephones it rings
# make test  all checks and tests, what CI runs;            make setup  the set-up alone
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help setup run call ring test lint types bench-voice bench-sms bench-campaign bench-mail bench-web clean
help:
	@sed -n '1,2s/^# //p' Makefile

# A new package is a new __init__.py: the editable installation has to learn of it.
$(VENV)/.installed: setup.cfg constraints.txt pyproject.toml $(wildcard */__init__.py)
	@sh asterisk_conf/system_packages.sh base
	@echo "Python packages into $(VENV) ..."
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

setup: $(VENV)/.installed
	@sh asterisk_conf/system_packages.sh run

run: setup
	@$(VENV)/bin/eschool run

call: setup
	@sh asterisk_conf/system_packages.sh test
	@$(PY) -m tests.telephone $(if $(FROM),--from '$(FROM)') $(if $(KEYS),--keys '$(KEYS)') $(if $(RECORD),--record '$(RECORD)')

ring: setup
	@sh asterisk_conf/system_packages.sh test
	@$(PY) -m tests.telephone.ring $(if $(ONLY),--only '$(ONLY)') $(if $(KEYS),--keys '$(KEYS)')

lint: $(VENV)/.installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test: setup
	@sh asterisk_conf/system_packages.sh test
	@$(MAKE) --no-print-directory lint
	$(PY) -m pytest --numprocesses auto --dist loadfile $(PYTEST_ARGS)

bench-voice: setup
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.voice $(BENCH_ARGS)

bench-sms: setup
	@sh asterisk_conf/system_packages.sh test
	@sh asterisk_conf/system_packages.sh bench
	$(PY) -m bench.sms $(BENCH_ARGS)

bench-mail: setup
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.mail $(BENCH_ARGS)

bench-campaign: setup
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.campaign $(BENCH_ARGS)

bench-web: setup
	@sh asterisk_conf/system_packages.sh test
	$(PY) -m bench.web $(BENCH_ARGS)

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
