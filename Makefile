# `make` builds the study's book, `make test` runs the tests, `make help` lists the rest.
# A stage is made again where a file that it was made from has changed: the results of other stages,
# which the rules name, and code, configuration and pages, which the stage noted when it ran.

STUDY ?= somos_comunidad
# EVAL_ENV=active uses the interpreter on PATH (conda, containers); otherwise make keeps its own.
ACTIVE := $(filter active,$(EVAL_ENV))
PYTHON := $(if $(ACTIVE),python,.venv/bin/python)
ENVIRONMENT := $(if $(ACTIVE),,.venv/requirements.lock)
PYTHONS := $(EVAL_PYTHON) .venv/bin/python python3 python3.13 python3.12 python3.11

# One start of Python says what is wrong with the call and what the study is made of: tools/make.py.
quoted = '$(subst ','\'',$(1)=$($(1)))'
ASKED := MAKE_VERSION .FEATURES MAKEFLAGS MAKECMDGOALS MAKEOVERRIDES STUDY
CALL := $(foreach name,$(ASKED),$(call quoted,$(name)))
SAID := $(shell for python in $(if $(ACTIVE),,$(PYTHONS)) python; do \
  command -v "$$python" >/dev/null && "$$python" -I -S -X utf8 tools/make.py $(CALL) && break; done)
define NO_PYTHON
Python 3.11, 3.12 or 3.13 is needed, and there is none. EVAL_ENV=active takes the `python` on PATH:
activate its environment, or leave EVAL_ENV out. Otherwise install one (python.org, your system's
packages, or: uv python install 3.13), or name it: make EVAL_PYTHON=/path/to/python3.13
endef
define newline


endef
$(if $(SAID),,$(error $(NO_PYTHON)))
$(eval $(subst ⏎,$(newline),$(SAID)))
$(if $(REFUSED),$(error $(REFUSED)))

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# Stages that do not wait for each other run two at a time, unless -j says how many. Several goals
# (`make clean all`) follow one another.
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS))$(word 2,$(MAKECMDGOALS)),)
MAKEFLAGS += --jobs=2
endif
.ONESHELL:
.SUFFIXES:
SHELL := /bin/sh
.SHELLFLAGS := -euc
.DEFAULT_GOAL := all
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONDONTWRITEBYTECODE

RUN = $(PYTHON) -m evaluation
OPTIONS = --study "$(STUDY)" --data-raw "$(DATA_RAW)"
GOALS := $(or $(MAKECMDGOALS),all)
BUILD := build/$(STUDY)
MADE := $(BUILD)/private/made

# What each stage made: a list with the sum of every file, written last.
CONFIGURED := $(MADE)/configuration.sha256
READ := $(MADE)/read.sha256
CLEANED := $(MADE)/clean.sha256
ESTIMATED := $(MADE)/estimate.sha256
CHECKED := $(if $(filter robustness,$(STAGES)),$(MADE)/robustness.sha256)
CALIBRATED := $(MADE)/calibrate.sha256
EXHIBITS := $(patsubst %,$(MADE)/exhibits-%.sha256,$(LANGUAGES))
NOTEBOOKS := $(patsubst %,$(MADE)/notebook-%.sha256,$(LANGUAGES))
SITES := $(patsubst %,$(MADE)/book-%.sha256,$(LANGUAGES))
AUDITED := $(MADE)/audit.sha256
PRINTED := $(patsubst %,$(BUILD)/%/printed.json,$(LANGUAGES))

BUILDING := read clean-data estimate robustness calibrate exhibits notebooks book audit
.PHONY: all $(BUILDING) FORCE environment upgraded releasable edited
environment: $(ENVIRONMENT)
read: $(READ)
clean-data: $(CLEANED)
estimate: $(ESTIMATED)
robustness: $(CHECKED)
calibrate: $(CALIBRATED)
exhibits: $(EXHIBITS)
notebooks: $(NOTEBOOKS)
book: $(SITES)
audit: $(AUDITED)
FORCE:

# Which program this is: its tree in Git, where there is one, else its version.
TREE = $(shell git rev-parse --short=12 HEAD:evaluation 2>/dev/null)
PROGRAM = $(or $(TREE),$(shell sed -n 's/^__version__ = //p' evaluation/__init__.py))
BUILT_BY := $(BUILD)/private/program
all: $(AUDITED)
# Who asks with -q is told whether a stage would run, not that this prints a line.
ifeq ($(filter q,$(ASKS)),)
all: upgraded
	@mkdir -p "$(BUILD)/private"
	printf '%s' "$(PROGRAM)" > "$(BUILT_BY)"
	$(foreach language,$(LANGUAGES),echo "The book: $(BUILD)/$(language)/site/index.html";)
endif

# Make itself is asked whether it would run a stage.
AGAIN = --no-print-directory STUDY="$(STUDY)" DATA_RAW="$(DATA_RAW)"
question = $(AGAIN) --question $$stage >/dev/null 2>&1
# After an upgrade: what a run is about to build again, before it does.
upgraded: $(ENVIRONMENT)
	@if [ -s "$(BUILT_BY)" ] && [ "$$(cat "$(BUILT_BY)")" != "$(PROGRAM)" ]; then
	  again=""
	  for stage in $(BUILDING); do
	    $(MAKE) $(question) || again="$$again $$stage"
	  done
	  [ -z "$$again" ] || \
	    echo "The program changed since these results were made. Built again:$$again" >&2
	fi

# The whole configuration is read before the first stage: all mistakes at once.
$(CONFIGURED): $(ENVIRONMENT)
	@$(RUN) configuration $(OPTIONS)
ifneq ($(filter all publish verify compare,$(GOALS)),)
$(READ) $(CLEANED) $(ESTIMATED) $(CHECKED) $(CALIBRATED): | $(CONFIGURED)
$(EXHIBITS) $(NOTEBOOKS) $(SITES): | $(CONFIGURED)
$(CONFIGURED): | $(if $(filter q,$(ASKS)),,upgraded)
endif

$(READ): $(ENVIRONMENT)
	@$(RUN) read $(OPTIONS)$(if $(TREATMENT), --treatment "$(TREATMENT)")
$(CLEANED): $(ENVIRONMENT) $(READ)
	@$(RUN) clean $(OPTIONS)
$(ESTIMATED): $(ENVIRONMENT) $(CLEANED) $(READ)
	@$(RUN) estimate $(OPTIONS)
$(MADE)/robustness.sha256: $(ENVIRONMENT) $(CLEANED) $(READ)
	@$(RUN) robustness $(OPTIONS)
$(CALIBRATED): $(ENVIRONMENT) $(CLEANED) $(READ)
	@$(RUN) calibrate $(OPTIONS)

# The book, once for each of the study's languages; it names the commit that it was built from.
SHOWN := $(CLEANED) $(CHECKED) $(ESTIMATED) $(if $(filter calibrate,$(STAGES)),$(CALIBRATED))
COMMIT := $(wildcard .git_archival.txt .git/logs/HEAD book/published_pages.txt)
define book_in
$(MADE)/exhibits-$(1).sha256: $(ENVIRONMENT) $(SHOWN)
	@$$(RUN) exhibits $$(OPTIONS) --language $(1)
$(MADE)/notebook-$(1).sha256: $(ENVIRONMENT) $(MADE)/exhibits-$(1).sha256
	@$$(RUN) notebook $$(OPTIONS) --language $(1)
$(MADE)/book-$(1).sha256: $(ENVIRONMENT) $(COMMIT) $(MADE)/exhibits-$(1).sha256 $(MADE)/notebook-$(1).sha256
	@$$(RUN) book $$(OPTIONS) --language $(1)
$(BUILD)/$(1)/printed.json: evaluation/cli/pdf.py $(wildcard book/_print/*) $(MADE)/book-$(1).sha256
	@$$(RUN) pdf $$(OPTIONS) --language $(1)
endef
$(foreach language,$(LANGUAGES),$(eval $(call book_in,$(language))))

# Whatever else may be published from these folders was made before the book or with it.
$(AUDITED): $(ENVIRONMENT) $(SITES)
	@$(RUN) audit $(OPTIONS)

.venv/requirements.lock: requirements.lock
	@tools/environment.sh "$(FOUND)" $(INSTALLER)

# ---- Everything that is not the study's build ---------------------------------------------------
.PHONY: help browser pdf test test-all check software lab demo-data public-data bench publish verify compare reproduce doctor repair status clean clean-all

help:
	@cat tools/help.txt

PYTEST := $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q
test: $(ENVIRONMENT)
	@$(PYTEST) -m "not simulation and not pipeline and not built and not faults and not long"
test-all: $(ENVIRONMENT)
	@$(PYTEST)

check: $(ENVIRONMENT)
	@$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
	$(PYTHON) -m uv --offline lock --check --quiet
	$(PYTHON) -m uv --offline --quiet export --frozen --no-header --no-emit-project \
	  --all-extras --all-groups | cmp - requirements.lock

software: $(MADE)/exhibits-en.sha256
	@$(RUN) software --study "$(STUDY)"
lab: $(ENVIRONMENT)
	@EVAL_STUDY="$(STUDY)" EVAL_LANG="$(or $(EVAL_LANG),en)" PYTHONPATH="$(CURDIR)" $(PYTHON) -m jupyter lab
demo-data: $(ENVIRONMENT)
	@$(PYTHON) -m tools.demo
public-data: $(CLEANED)
	@$(RUN) public-data $(OPTIONS)

# Peers and the mutation tester have environments of their own, each from its own lock.
INSTALL := pip sync --quiet --compile-bytecode --require-hashes --only-binary :all:
.venv-bench/peers.lock .venv-mutation/requirements.lock: .venv-%: tools/% $(ENVIRONMENT)
	@$(PYTHON) -m uv venv --quiet --clear --python "$(PYTHON)" $(@D)
	$(PYTHON) -m uv $(INSTALL) --python $(@D)/bin/python $<
	cp $< $@
bench: .venv-bench/peers.lock
	@$(PYTHON) -m tools.bench.times $(OPTIONS)
	.venv-bench/bin/python -m tools.bench
mutate: .venv-mutation/requirements.lock
	@.venv-mutation/bin/python -m tools.mutation

# Every page of the finished books in Chromium; needs node and npm, and installs two packages.
browser: build/browser/package-lock.json
	@cp tests/browser/check.mjs tests/browser/searches.json build/browser
	for study in $(or $(BROWSED),$(STUDY)); do node build/browser/check.mjs "build/$$study"; done
build/browser/package-lock.json: tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p build/browser
	cp tests/browser/package.json build/browser
	cd build/browser
	cp ../../tests/browser/package-lock.json .npm-lock
	mv .npm-lock package-lock.json
	npm ci --silent --ignore-scripts --no-audit --no-fund || { rm package-lock.json; exit 1; }

pdf: $(PRINTED)
	@for made in $(PRINTED); do echo "$${made%printed.json}book.pdf, brief.pdf, brief.docx"; done
# Prints of other pages are made anew where this machine can print. They came after the stage that
# searches, as public data may have, so that it searches once more.
RELEASING = $(RUN) publish $(OPTIONS) --dest "$(or $(DEST),$(RELEASE))" \
  --replace $(or $(REPLACE),no) --draft $(or $(DRAFT),no)
PRINTING := $(if $(filter yes,$(DRAFT)),,$(PRINTED))
publish: all
	@$(if $(PRINTING),for language in $(LANGUAGES); do $(RUN) pdf $(OPTIONS) --language $$language --again no; done)
	$(if $(PRINTING)$(wildcard public/$(STUDY)/.),$(RUN) audit $(OPTIONS))
	$(RELEASING)

# What stops a release is said before anything is built.
releasable: $(ENVIRONMENT)
	@$(RELEASING) --check yes
$(READ): | $(if $(filter publish,$(GOALS)),releasable)

verify: all
	@$(RUN) verify $(OPTIONS) --release "$(RELEASE)"
compare: all
	@$(RUN) compare $(OPTIONS) --base "$(BASE)"
reproduce: $(ENVIRONMENT)
	@$(PYTHON) -m tools.reproduce $(OPTIONS)$(if $(OTHER), --other "$(OTHER)")
doctor: $(ENVIRONMENT)
	@$(RUN) doctor $(OPTIONS)

# What was edited or cut off is made again, and what depends on it. A recipe that names MAKE runs
# even under `make -n`, all of it: what takes files away has one of its own.
edited: $(ENVIRONMENT)
	@$(RUN) repair $(OPTIONS)
repair: edited
	$(MAKE) $(AGAIN) all

status: $(ENVIRONMENT)
	@$(RUN) status $(OPTIONS)
	for stage in $(BUILDING); do
	  $(MAKE) $(question) && state="up to date" || state="make would run it"
	  echo "  $$stage: $$state"
	done

# deliveries of earlier releases stay: by them the rows of corrections are known
clean:
	@rm -rf "data_clean/$(STUDY)"
	@if [ -d "$(BUILD)" ]; then \
	  find "$(BUILD)" -depth ! -type d ! -path "$(BUILD)/private/releases/*" -delete && \
	  find "$(BUILD)" -depth -type d -empty -delete; fi
clean-all:
	@rm -rf build data_clean
