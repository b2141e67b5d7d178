# What .ci/run looks at after the tests: two parts at a time, the longest first, and each as soon as
# what it looks at is built. The parts of a study's build are among the two.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory
# a test that calls make is no part of this one
PYTEST := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL .venv/bin/python -m pytest -q
DONE = echo "== $@ ($$SECONDS s)"

.PHONY: all elsewhere demonstration medellin homicides software paper browser built simulations
all: elsewhere demonstration medellin homicides software paper browser built simulations

elsewhere: # whole builds in other folders, kills in the middle of writing, two Pythons
	@own=$$(.venv/bin/python -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
	for candidate in python3.13 python3.12 python3.11; do
	  if [ "$$candidate" != "$$own" ] && "$$candidate" -c "" >/dev/null 2>&1; then
	    .venv/bin/python -m uv venv --quiet --clear --python "$$(command -v "$$candidate")" build/another_python
	    .venv/bin/python -m uv pip sync --quiet --python build/another_python/bin/python \
	      --require-hashes --only-binary :all: requirements.lock
	    export EVAL_OTHER_PYTHON="$$PWD/build/another_python/bin/python"
	    break
	  fi
	done
	[ -n "$${EVAL_OTHER_PYTHON:-}" ] || echo "there is no second Python here: results of two were not compared"
	$(PYTEST) -m "pipeline and not long"
	$(DONE)

demonstration:
	@$(MAKE)
	$(DONE)

medellin:
	@$(MAKE) STUDY=medellin DATA_RAW=../shared/data/metaketa4_colombia
	$(DONE)

homicides:
	@$(MAKE) STUDY=homicides DATA_RAW=../shared/data
	$(DONE)

software: demonstration
	@$(MAKE) software
	$(DONE)

paper: demonstration
	@$(MAKE) pdf
	$(DONE)

browser: demonstration medellin homicides software # every page of all books and of the software's site
	@VIEWS=half $(MAKE) browser BROWSED="somos_comunidad medellin homicides software"
	$(DONE)

built: paper medellin homicides software # numbers, both studies by the R script, notebooks alone, searches, a print elsewhere
	@$(PYTEST) -m "built"
	$(DONE)

simulations:
	@$(PYTEST) -m "simulation and not pipeline and not long"
	$(DONE)
