# Two commands: `make` builds the study's book, `make test` runs the tests. `make help` lists the rest.
# Every rule lists its code, its configuration and its inputs as real files. All paths are relative,
# so the folder may have any name.

# What Make itself refuses, in the language of the messages.
SPOKEN := $(if $(filter es,$(EVAL_LANG)),es,en)
TOO_OLD.en = GNU Make 4.3 or newer is needed, this is $(MAKE_VERSION). macOS: `brew install make`, then `gmake`. Without Make: `python -m evaluation all`
TOO_OLD.es = hace falta GNU Make 4.3 o posterior, y este es $(MAKE_VERSION). macOS: `brew install make`, luego `gmake`. Sin Make: `python -m evaluation all`
NO_PYTHON.en = EVAL_ENV=active takes the `python` on PATH, and there is none. Activate the environment (source .venv/bin/activate, or conda activate evaluation), or leave EVAL_ENV out: make then sets up its own
NO_PYTHON.es = EVAL_ENV=active toma el `python` de PATH, y no hay ninguno. Active el entorno (source .venv/bin/activate, o conda activate evaluation), o quite EVAL_ENV: make prepara entonces el suyo
NO_VARIABLE.en = there is no variable $(1). Did you mean $(or $(filter $(shell printf '%.2s' "$(1)")%,$(KNOWN)),one of $(KNOWN))?
NO_VARIABLE.es = no existe la variable $(1). ¿Quiso decir $(or $(filter $(shell printf '%.2s' "$(1)")%,$(KNOWN)),una de $(KNOWN))?
NO_DEST.en = name the release's folder: make publish DEST=folder
NO_DEST.es = indique la carpeta de la versión publicada: make publish DEST=carpeta
TWO_FOLDERS.en = DEST and RELEASE name two folders: give one of them
TWO_FOLDERS.es = DEST y RELEASE indican dos carpetas: dé una de las dos
NO_RELEASE.en = name the release's folder: make verify RELEASE=folder
NO_RELEASE.es = indique la carpeta de la versión publicada: make verify RELEASE=carpeta
NO_BASE.en = name the release's folder: make compare BASE=folder
NO_BASE.es = indique la carpeta de la versión publicada: make compare BASE=carpeta
BAD_BASE.en = BASE=$(BASE) is no release: no SHA256SUMS there. Write one with make publish DEST=folder
BAD_BASE.es = BASE=$(BASE) no es una versión publicada: no contiene SHA256SUMS. Escriba una con make publish DEST=carpeta
NO_STUDY.en = there is no study `$(STUDY)`: config/ holds $(notdir $(patsubst %/study.toml,%,$(wildcard config/*/study.toml)))
NO_STUDY.es = no hay ningún estudio `$(STUDY)`: config/ contiene $(notdir $(patsubst %/study.toml,%,$(wildcard config/*/study.toml)))

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error $(TOO_OLD.$(SPOKEN)))
endif

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# Stages that do not wait for each other run side by side, two at a time unless -j says how many. Several
# goals (`make clean all`) follow one another.
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS))$(word 2,$(MAKECMDGOALS)),)
MAKEFLAGS += --jobs=2
endif
.ONESHELL:
.SUFFIXES:
SHELL := /bin/sh
.SHELLFLAGS := -euc
.DEFAULT_GOAL := all

STUDY ?= somos_comunidad
# Where nobody says it, the delivered files lie in the study's own folder, or where they lay last time.
ifeq ($(origin DATA_RAW),undefined)
DATA_RAW := $(or $(if $(wildcard data_raw/$(STUDY)/.),,$(shell sed -n 1p "build/$(STUDY)/private/raw_folder" 2>/dev/null)),data_raw/$(STUDY))
endif

# One thread, one hash seed, one clock and one locale: the same bytes on every run.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
export PYTHONHASHSEED := 0
export PYTHONUTF8 := 1
export TZ := UTC
export LC_ALL := C
export MPLBACKEND := Agg
export SOURCE_DATE_EPOCH := 315532800
export JUPYTER_PLATFORM_DIRS := 1
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONDONTWRITEBYTECODE

# EVAL_ENV=active uses the interpreter on PATH (conda, containers); otherwise make keeps its own.
ifeq ($(EVAL_ENV),active)
ifeq ($(shell for name in python; do command -v $$name; done),)
$(error $(NO_PYTHON.$(SPOKEN)))
endif
PYTHON := python
ENVIRONMENT :=
else
PYTHON := .venv/bin/python
ENVIRONMENT := .venv/requirements.lock
endif
RUN = $(PYTHON) -m evaluation
OPTIONS = --study "$(STUDY)" --data-raw "$(DATA_RAW)"
# The list of treated clusters of a programme office: a file outside the repository, read in place.
TREATMENT ?=

# A variable that is none would change nothing without a word.
KNOWN := STUDY DATA_RAW TREATMENT EVAL_ENV EVAL_PYTHON EVAL_LANG EVAL_PROCESSES INSTALLER CHROMIUM BASE RELEASE DEST REPLACE DRAFT BROWSED VIEWS OTHER
TYPED := $(foreach name,$(filter-out -%,$(.VARIABLES)),$(if $(filter command,$(origin $(name))),$(name)))
define mistyped
$(error $(call NO_VARIABLE.$(SPOKEN),$(1)))
endef
$(foreach name,$(filter-out $(KNOWN) MAKE% GNUMAKEFLAGS,$(TYPED)),$(call mistyped,$(name)))

CONFIG := config/$(STUDY)
BUILD := build/$(STUDY)
CLEAN := data_clean/$(STUDY)
BUILDING := all read clean-data estimate robustness calibrate exhibits notebooks book audit
GOALS := $(or $(MAKECMDGOALS),all)

# Which program this is: its tree in Git, where there is one, else its version.
PROGRAM = $(or $(shell git rev-parse --short=12 HEAD:evaluation 2>/dev/null),$(shell sed -n 's/^__version__ = //p' evaluation/__init__.py))
# A killed run leaves temporary files: those of this study go before anything starts, but not where
# Make only tells (-n) or asks (-q), nor while another run of the study, which is named beside its
# lock, is under way. One that was killed and that nobody has waited for yet (a zombie) is not.
ASKED := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
ifeq ($(findstring n,$(ASKED))$(findstring q,$(ASKED)),)
ifneq ($(filter $(BUILDING) pdf,$(GOALS)),)
SWEPT := $(shell for run in $$(sed -n 's/.*process //p' "$(BUILD)"/private/.running-* 2>/dev/null); do \
  if [ -n "$$run" ] && { kill -0 "$$run" 2>/dev/null || [ -d "/proc/$$run" ]; } && \
    ! grep -qs "^State:.*zombie" "/proc/$$run/status"; then exit; fi; done; \
  find "$(BUILD)" "$(CLEAN)" -name '.tmp-*' -prune -exec rm -rf {} + 2>/dev/null)
endif
endif

# The folder that publish writes has two names.
TARGET := $(or $(DEST),$(RELEASE))
ifneq ($(filter publish,$(GOALS)),)
ifeq ($(TARGET),)
$(error $(NO_DEST.$(SPOKEN)))
endif
ifneq ($(TARGET),$(or $(RELEASE),$(DEST)))
$(error $(TWO_FOLDERS.$(SPOKEN)))
endif
endif
ifneq ($(filter verify,$(GOALS)),)
ifeq ($(RELEASE),)
$(error $(NO_RELEASE.$(SPOKEN)))
endif
endif

ifneq ($(filter compare,$(GOALS)),)
ifeq ($(BASE),)
$(error $(NO_BASE.$(SPOKEN)))
endif
ifeq ($(wildcard $(BASE)/SHA256SUMS),)
$(error $(BAD_BASE.$(SPOKEN)))
endif
endif

# ---- What a study has: read from its manifest, registry and table of contents -------------------
ifneq ($(filter $(BUILDING) pdf software lab doctor repair status clean demo-data public-data bench publish verify compare,$(GOALS)),)
ifeq ($(wildcard $(CONFIG)/study.toml),)
$(error $(NO_STUDY.$(SPOKEN)))
endif
endif
MANIFEST := $(CONFIG)/manifest.toml
# files that lie in the study's own folder: the path that stands before folder = "config"
HELD := $(shell sed -n -e 's/^path *= *"\([^"]*\)".*/\1/;T folder;h;d' -e ':folder' -e '/^folder *= *"config"/{g;p;}' $(MANIFEST) 2>/dev/null)
LANGUAGES := $(or $(shell sed -n '/^languages *=/{s/^languages *=//;s/[]"[,]/ /g;p;}' $(CONFIG)/study.toml 2>/dev/null),en)
CHAPTERS := $(shell sed -n 's|^.*file: *notebooks/\([a-z0-9_]*\).*|\1|p' book/_toc.$(STUDY).yml 2>/dev/null)
# a study's own chapters lie with its pages
CHAPTER_FILES := $(foreach name,$(CHAPTERS),$(or $(wildcard book/$(STUDY)/notebooks/$(name).ipynb),notebooks/$(name).ipynb))
TYPE := $(shell sed -n 's/^type *= *"\([a-z]*\)".*/\1/p' $(CONFIG)/study.toml 2>/dev/null)
# the study's own folders, where others' files lie beside them
FOLDERS := $(shell sed -n '/^folders *=/{s/^folders *=//;s/[]"[,]/ /g;p;}' $(MANIFEST) 2>/dev/null)
# Names under the raw folder may hold spaces; the folders themselves are listed because removing a
# file changes nothing else. Where there is no folder the stage runs and says so.
RAW := $(shell find $(or $(foreach folder,$(FOLDERS),"$(DATA_RAW)/$(folder)"),"$(DATA_RAW)") 2>/dev/null | sed 's/[ \#:]/\\&/g')
RAW += $(wildcard $(TREATMENT))
# what the stage that reads noted: another folder, or another list, is another run
define GIVEN
$(DATA_RAW)
$(TREATMENT)
endef
ifneq ($(file <$(BUILD)/private/raw_folder),$(GIVEN))
RAW += FORCE
endif
ifeq ($(RAW),)
RAW := FORCE
endif

# ---- Code of each stage: its own module, its layer, and what all layers stand on ----------------
# Files that must be there; where one is not, the stage runs and says so.
there = $(wildcard $(1)) $(if $(filter-out $(wildcard $(1)),$(1)),FORCE)
# with what lies beside a module: lists, templates, style sheets
rooms = $(sort $(foreach file,$(wildcard evaluation/$(1)/*.* evaluation/$(1)/*/*.* evaluation/$(1)/*/*/*.*),$(if $(findstring __pycache__,$(file)),,$(file))))
CORE := $(addprefix evaluation/,__init__.py __main__.py errors.py file_content.py interruption.py registry.py cli/__init__.py cli/stages/__init__.py cli/stages/by_hand.py cli/stages/stage_files.py \
  data/__init__.py data/findings.py report/__init__.py report/terminal.py) \
  $(addprefix evaluation/estimation/,__init__.py parameters.py records.py row_keys.py) \
  $(call rooms,storage) $(call rooms,study) $(call rooms,locale) $(wildcard evaluation/*.toml)
DATA_CODE := $(CORE) $(call rooms,data)
# What a delivery's columns that nobody uses are looked at with.
SEARCH_CODE := $(addprefix evaluation/release/,__init__.py identifier_patterns.py identifier_patterns.toml personal_names.py personal_names.toml \
  identifiers/__init__.py identifiers/delivered_columns.py identifiers/pattern_places.py)
# Weights that are made, and checks of those that are taken, are statistics on the way to clean data.
SAMPLE_CODE := evaluation/cli/stages/sample.py $(addprefix evaluation/,analysis/__init__.py analysis/design_weights.py estimation/arrays.py) $(call rooms,estimation/weights)
STATS_CODE := $(CORE) $(call rooms,estimation) $(call rooms,analysis) $(addprefix evaluation/cli/stages/,clean_frames.py unchanged.py)
REPORT_CODE := $(CORE) $(call rooms,report)
# The book prints signatures and docstrings, and names the commit that it was built from.
BOOK_CODE := $(REPORT_CODE) $(call rooms,site) evaluation/cli/stages/book.py evaluation/release/digits.py evaluation/release/published_tables.py \
  $(wildcard CHANGELOG.md .git_archival.txt .git/logs/HEAD)

# Paper: the pages again as one.
PDF_CODE := evaluation/cli/pdf.py $(wildcard book/_print/*)

# A folder's own time changes when a file is added to it or taken away: with the folder listed, a
# deleted file is noticed although nothing names it any longer.
DICTIONARY := $(CONFIG)/study.toml $(MANIFEST) $(wildcard $(CONFIG)/dictionary/. $(CONFIG)/dictionary/*.toml)
# Without plan.lock the study is blinded: the folder's time says that one came or went.
PLAN := $(call there,$(addprefix $(CONFIG)/,plan.toml deviations.toml)) $(wildcard $(CONFIG)/. $(CONFIG)/plan.lock)
LEDGER := $(call there,$(CONFIG)/corrections.csv)
DELIVERED := $(call there,$(addprefix $(CONFIG)/,$(HELD)))

# ---- What each stage made: a list with the sum of every file, written last ---------------------
MADE := $(BUILD)/private/made
CONFIGURED := $(MADE)/configuration.sha256
READ := $(MADE)/read.sha256
CLEANED := $(MADE)/clean.sha256
ESTIMATED := $(MADE)/estimate.sha256
CHECKED := $(MADE)/robustness.sha256
CALIBRATED := $(MADE)/calibrate.sha256
EXHIBITS := $(patsubst %,$(MADE)/exhibits-%.sha256,$(LANGUAGES))
NOTEBOOKS := $(patsubst %,$(MADE)/notebook-%.sha256,$(LANGUAGES))
SITES := $(patsubst %,$(MADE)/book-%.sha256,$(LANGUAGES))
AUDITED := $(MADE)/audit.sha256
# A panel's sensitivity is part of its plan's specifications: nothing is left for the stage after.
ifeq ($(TYPE),panel)
CHECKED :=
endif
PRINTED := $(patsubst %,$(BUILD)/%/printed.json,$(LANGUAGES))
# Made for a study whose registry shows it.
CALIBRATION := $(if $(shell sed -n 's/^builder *= *"\(calibration\|rule_errors\)"/yes/p' $(CONFIG)/exhibits.toml 2>/dev/null),$(CALIBRATED))
# A stage runs again where a file that it made is gone; what was changed after the search, which looks
# at every sum, is searched again.
LOST := $(sort $(shell for list in $(wildcard $(MADE)/*.sha256); do while read -r sum name; do \
  if [ ! -e "$$name" ]; then echo "$$list"; elif [ "$$name" -nt $(AUDITED) ]; then echo $(AUDITED); fi; done < "$$list"; done; \
  for stopped in $(wildcard $(MADE)/*.begun); do echo "$${stopped%.begun}.sha256"; done))
ifneq ($(LOST),)
$(LOST): FORCE
endif
PAGES := $(wildcard book/. book/common/. book/$(STUDY)/. book/*.yml book/*.toml book/*.txt book/_ext/*.* book/_static/* book/_templates/* book/common/* book/$(STUDY)/*) $(shell find book/locale 2>/dev/null)

.PHONY: $(BUILDING) FORCE environment upgraded
# Who asks with -q is told whether a stage would run, not that this prints a line.
ifneq ($(findstring q,$(ASKED)),)
all: $(AUDITED)
else
all: upgraded $(AUDITED)
	@mkdir -p "$(BUILD)/private"
	printf '%s' "$(PROGRAM)" > "$(BUILD)/private/program"
	$(foreach language,$(LANGUAGES),echo "The book: $(BUILD)/$(language)/site/index.html";)
endif
# After an upgrade: what a run is about to build again, before it does.
BUILT_BY := $(BUILD)/private/program
upgraded: $(ENVIRONMENT)
	@if [ -s "$(BUILT_BY)" ] && [ "$$(cat "$(BUILT_BY)")" != "$(PROGRAM)" ]; then
	  again=""
	  for stage in $(filter-out all,$(BUILDING)); do
	    $(MAKE) --no-print-directory --question STUDY="$(STUDY)" DATA_RAW="$(DATA_RAW)" $$stage >/dev/null 2>&1 || again="$$again $$stage"
	  done
	  if [ -n "$$again" ]; then echo "The program changed since these results were made. Built again:$$again" >&2; fi
	fi
# The whole configuration is read before anything is made: a mistake in it is told at once, with all
# others, and not by the stage that would meet it.
$(CONFIGURED): $(ENVIRONMENT) $(CORE) evaluation/cli/configuration.py $(filter-out $(CONFIG)/releases.toml,$(wildcard $(addprefix $(CONFIG)/,. *.toml plan.lock dictionary/. dictionary/*.toml)))
	@$(RUN) configuration $(OPTIONS)
ifneq ($(filter all publish verify compare,$(GOALS)),)
$(READ) $(CLEANED) $(ESTIMATED) $(CHECKED) $(CALIBRATED) $(EXHIBITS) $(NOTEBOOKS) $(SITES): | $(CONFIGURED)
ifeq ($(findstring q,$(ASKED)),)
$(CONFIGURED): | upgraded
endif
endif
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

$(READ): $(ENVIRONMENT) $(DATA_CODE) $(SEARCH_CODE) evaluation/cli/stages/read.py evaluation/release/kept_deliveries.py $(DICTIONARY) $(DELIVERED) $(LEDGER) $(RAW)
	@$(RUN) read $(OPTIONS)$(if $(TREATMENT), --treatment "$(TREATMENT)")

$(CLEANED): $(ENVIRONMENT) $(DATA_CODE) $(SAMPLE_CODE) evaluation/cli/stages/clean.py $(addprefix evaluation/,cli/stages/assignment.py cli/stages/clean_panel.py cli/stages/clean_outputs.py release/__init__.py release/kept_deliveries.py report/disclosure.py report/record_set.py $(addprefix report/formats/,__init__.py findings_page.py findings_page.css words.py) $(addprefix estimation/regression/,__init__.py rows.py sample.py sample_checks.py)) $(DICTIONARY) $(PLAN) $(LEDGER) $(READ)
	@$(RUN) clean $(OPTIONS)

$(ESTIMATED): $(ENVIRONMENT) $(STATS_CODE) evaluation/cli/stages/estimate.py $(DICTIONARY) $(PLAN) $(CLEANED) $(READ)
	@$(RUN) estimate $(OPTIONS)

# Whether a row of a check would tell of few is decided before it is written.
ifneq ($(CHECKED),)
$(CHECKED): $(ENVIRONMENT) $(STATS_CODE) $(DATA_CODE) evaluation/cli/stages/robustness.py $(wildcard evaluation/report/*.py) $(DICTIONARY) $(PLAN) $(CLEANED) $(READ)
	@$(RUN) robustness $(OPTIONS)
endif

$(CALIBRATED): $(ENVIRONMENT) $(STATS_CODE) evaluation/cli/stages/calibrate.py $(DICTIONARY) $(PLAN) $(CLEANED) $(READ)
	@$(RUN) calibrate $(OPTIONS)

# The book, once for each of the study's languages. The checks, which take longest, begin first.
define book_in
$(MADE)/exhibits-$(1).sha256: $(ENVIRONMENT) $(DATA_CODE) $(REPORT_CODE) $(addprefix evaluation/,cli/stages/exhibits.py site/__init__.py site/exhibit_files.py site/saved_records.py estimation/arrays.py estimation/inference/pooling.py) $(CONFIG)/exhibits.toml $(wildcard $(addprefix $(CONFIG)/,review.toml description.toml errata.toml truth.toml)) $(DICTIONARY) $(PLAN) $(CLEANED) $(CHECKED) $(ESTIMATED) $(CALIBRATION)
	@$$(RUN) exhibits $$(OPTIONS) --language $(1)

$(MADE)/notebook-$(1).sha256: $(CHAPTER_FILES) $(wildcard $(CONFIG)/audit.toml) $(ENVIRONMENT) $(REPORT_CODE) $(STATS_CODE) evaluation/cli/stages/notebook.py $(call rooms,site) $(MADE)/exhibits-$(1).sha256
	@$$(RUN) notebook $$(OPTIONS) --language $(1)

$(MADE)/book-$(1).sha256: $(ENVIRONMENT) $(BOOK_CODE) $(PAGES) $(CONFIG)/exhibits.toml $(MADE)/exhibits-$(1).sha256 $(MADE)/notebook-$(1).sha256
	@$$(RUN) book $$(OPTIONS) --language $(1)

$(BUILD)/$(1)/printed.json: $(PDF_CODE) $(MADE)/book-$(1).sha256
	@$$(RUN) pdf $$(OPTIONS) --language $(1)
endef
$(foreach language,$(LANGUAGES),$(eval $(call book_in,$(language))))

# Whatever else may be published from these folders was made before the book or with it.
$(AUDITED): $(ENVIRONMENT) $(DATA_CODE) $(call rooms,release) evaluation/cli/stages/audit.py $(wildcard $(CONFIG)/audit.toml) $(SITES)
	@$(RUN) audit $(OPTIONS)

# ---- Environment: the lock is copied in last, so a killed installation is done again -------------
.venv/requirements.lock: requirements.lock
	@found=""
	for candidate in $(EVAL_PYTHON) python3 python3.13 python3.12 python3.11 python; do
	  if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
	    found="$$candidate"; break
	  fi
	done
	if [ -z "$$found" ]; then
	  echo "Python 3.11, 3.12 or 3.13 is needed and none is on PATH. Install one (python.org, your system's packages, or: uv python install 3.13), or name it: make EVAL_PYTHON=/path/to/python3.13" >&2
	  exit 1
	fi
	echo "Setting up .venv with $$("$$found" --version) (once, up to two minutes)" >&2
	if uv --version >/dev/null 2>&1 && [ "$(INSTALLER)" != pip ]; then
	  uv venv --quiet --clear --python "$$found" .venv
	  uv pip sync --quiet --python .venv/bin/python --compile-bytecode --require-hashes --only-binary :all: requirements.lock
	else
	  "$$found" -m venv --clear .venv || {
	    echo "On Debian and Ubuntu venv is a package of its own: sudo apt install python3-venv" >&2; exit 1; }
	  .venv/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --only-binary :all: -r requirements.lock
	fi
	cp requirements.lock .venv/requirements.lock

# ---- Everything that is not the study's build ---------------------------------------------------
.PHONY: help browser pdf test test-all check software lab demo-data public-data bench publish verify compare reproduce doctor repair status clean clean-all

help:
	@sed 's/^|//' <<'END'
	|A study
	|  make                           build its books, in each of its languages
	|  make STUDY=medellin DATA_RAW=folder-of-its-files     another study; the folder is remembered
	|  make STUDY=homicides DATA_RAW=folder TREATMENT=list-outside.csv     a panel with the office's own list
	|  make read clean-data estimate robustness calibrate exhibits notebooks book audit     single stages
	|  make status                    what is built, from what, and what make would build again
	|  make pdf                       the book and a two-page brief on paper (needs Pango)
	|  make public-data               de-identified data and their risk report
	|  make repair                    make again what was edited or cut off under build/ and data_clean/
	|  make clean                     remove what was made of STUDY: its folders under build/ and data_clean/
	|  make clean-all                 remove build/ and data_clean/ of all studies
	|
	|A new study, its files and its office (python -m evaluation COMMAND --help has an example of each)
	|  new-study NAME --data FILE...  draft a study from delivered files, or from a survey form
	|  manifest FILE...               draft entries of further files
	|  keys                           every key that the files of a study may have
	|  dictionary                     from a form; to a workbook and back
	|  lock                           lock the plan: the results are no longer blinded
	|  translations write             bring the Spanish pages up to the English ones
	|  fieldwork --round endline      the day's report of a round in the field
	|  corrections                    what the office must decide, as a workbook, and back
	|  power                          plan a next round
	|  place-names                    names and codes of places without codes
	|
	|Releases
	|  make publish DEST=folder       print, and write a release; DRAFT=yes: of a draft, for compare alone
	|  make verify RELEASE=folder     build and compare with a release
	|  make compare BASE=folder       which numbers moved since a release, and why
	|  make reproduce                 build two clean clones and compare them byte for byte
	|  make reproduce OTHER=python    the second by another Python, in an environment with the lock's libraries
	|
	|Work on the program
	|  make test                      tests without simulations and whole builds, 5 to 8 minutes
	|  make test-all                  all of them: hours
	|  make check                     lint, format, types, layers, locks
	|  make software                  the site about the program: validation, API, the estimator in five lines
	|  make lab                       JupyterLab
	|  make demo-data                 make the demonstration data again (must give the committed bytes)
	|  make bench                     times and memory, and the estimators against other packages
	|  make mutate                    which changes of the statistics no test notices (an hour)
	|  make browser                   every page in Chromium: accessibility, widths, weight, search (needs node)
	|  make doctor                    what this machine has and lacks
	|  EVAL_ENV=active make           the interpreter on PATH instead of .venv
	|  EVAL_PROCESSES=4 make          estimates, checks and calibration in four processes
	END

test: $(ENVIRONMENT)
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not simulation and not pipeline and not built and not faults and not long" -q

test-all: $(ENVIRONMENT)
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q

check: $(ENVIRONMENT)
	@$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
	$(PYTHON) -m uv --offline lock --check --quiet
	mkdir -p build
	$(PYTHON) -m uv --offline --quiet export --frozen --no-header --no-emit-project --all-extras --all-groups > build/requirements.check
	cmp build/requirements.check requirements.lock
	rm build/requirements.check

software: $(MADE)/exhibits-en.sha256
	@$(RUN) software --study "$(STUDY)"

lab: $(ENVIRONMENT)
	@EVAL_STUDY="$(STUDY)" EVAL_LANG="$(or $(EVAL_LANG),en)" PYTHONPATH="$(CURDIR)" $(PYTHON) -m jupyter lab

demo-data: $(ENVIRONMENT)
	@$(PYTHON) -m tools.demo

public-data: $(CLEANED)
	@$(RUN) public-data $(OPTIONS)

# Peers are measured in an environment of their own, from their own lock.
.venv-bench/peers.lock: tools/bench/peers.lock $(ENVIRONMENT)
	@$(PYTHON) -m uv venv --quiet --clear --python "$(PYTHON)" .venv-bench
	$(PYTHON) -m uv pip sync --quiet --python .venv-bench/bin/python --compile-bytecode --require-hashes --only-binary :all: tools/bench/peers.lock
	cp tools/bench/peers.lock .venv-bench/peers.lock

bench: $(ENVIRONMENT) .venv-bench/peers.lock
	@$(PYTHON) -m tools.bench.times $(OPTIONS)
	.venv-bench/bin/python -m tools.bench

# Another environment of its own: the mutation tester is no dependency of the package.
.venv-mutation/requirements.lock: tools/mutation/requirements.lock $(ENVIRONMENT)
	@$(PYTHON) -m uv venv --quiet --clear --python "$(PYTHON)" .venv-mutation
	$(PYTHON) -m uv pip sync --quiet --python .venv-mutation/bin/python --compile-bytecode --require-hashes --only-binary :all: tools/mutation/requirements.lock
	cp tools/mutation/requirements.lock .venv-mutation/requirements.lock

# Every page of the finished books in Chromium; needs node, npm and Chromium, and installs two packages.
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

mutate: .venv-mutation/requirements.lock
	@.venv-mutation/bin/python -m tools.mutation

# Prints of other pages are made anew where this machine can print. They came after the stage that
# searches, as public data may have, so that it searches once more.
RELEASING = $(RUN) publish $(OPTIONS) --dest "$(TARGET)" --replace $(or $(REPLACE),no) --draft $(or $(DRAFT),no)
PRINTING := $(if $(filter yes,$(DRAFT)),,$(PRINTED))
publish: all
	@$(if $(PRINTING),for language in $(LANGUAGES); do $(RUN) pdf $(OPTIONS) --language $$language --again no; done)
	$(if $(PRINTING)$(wildcard public/$(STUDY)/.),$(RUN) audit $(OPTIONS))
	$(RELEASING)

# What stops a release is said before anything is built.
.PHONY: releasable
releasable: $(ENVIRONMENT)
	@$(RELEASING) --check yes
ifneq ($(filter publish,$(GOALS)),)
$(READ): | releasable
endif

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
.PHONY: edited
edited: $(ENVIRONMENT)
	@$(RUN) repair $(OPTIONS)
repair: edited
	$(MAKE) --no-print-directory STUDY="$(STUDY)" DATA_RAW="$(DATA_RAW)" all

status: $(ENVIRONMENT)
	@$(RUN) status $(OPTIONS)
	for stage in $(filter-out all,$(BUILDING)); do
	  if $(MAKE) --no-print-directory --question STUDY="$(STUDY)" DATA_RAW="$(DATA_RAW)" $$stage >/dev/null 2>&1; then
	    echo "  $$stage: up to date"; else echo "  $$stage: make would run it"; fi
	done

# deliveries of earlier releases stay: by them the rows of corrections are known
clean:
	@rm -rf "$(CLEAN)"
	@if [ -d "$(BUILD)" ]; then \
	  find "$(BUILD)" -depth ! -type d ! -path "$(BUILD)/private/releases/*" -delete && \
	  find "$(BUILD)" -depth -type d -empty -delete; fi

clean-all:
	@rm -rf build data_clean
