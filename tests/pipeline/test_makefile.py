"""The Makefile's rules against the code and the configuration they stand for."""

import ast
import functools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.__main__ import COMMANDS
from evaluation.config.configuration import read_configuration
from evaluation.site.assembly import chapters
from evaluation.storage.folders import STAGES
from evaluation.storage.settings import SETTINGS
from tests.pipeline.conftest import copy_tree, run_make, surroundings

ROOT = Path(__file__).resolve().parents[2]
# studies that have a book
STUDIES = sorted(
    study
    for study in (path.parent.name for path in (ROOT / "config").glob("*/study.toml"))
    if (ROOT / "book" / f"_toc.{study}.yml").exists()
)
Make = Callable[..., subprocess.CompletedProcess[str]]


@functools.cache
def direct(path: Path) -> frozenset[Path]:
    """Files of the package that a module imports itself."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            base = ROOT / Path(*name.split("."))
            found |= {p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()}
    return frozenset(path for path in found if ROOT / "evaluation" in path.parents)


def imported(path: Path, seen: set[Path]) -> set[Path]:
    """Files of the package that a module imports, directly or through others, itself included."""
    if path not in seen:
        seen.add(path)
        for other in direct(path):
            imported(other, seen)
    return seen


# notes what a stage has loaded, and prints it, after the tables that it has opened
LOADED = """\
import importlib, sys
opened = set()
sys.addaudithook(lambda event, given: event == "open" and opened.add(str(given[0])))
import evaluation.__main__
from evaluation.storage import program_files
module = importlib.import_module(sys.argv[1])
from evaluation.locale.messages import catalogue
catalogue("en"), catalogue("es")
package = f"{program_files.PACKAGE}/"
tables = {each for each in opened if each.startswith(package)}
names = {f"evaluation/{each.removeprefix(package)}" for each in tables}
print(*(name for name in names if not name.endswith(".py") and "__pycache__" not in name))
print(*program_files.sums())
"""


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_notes_every_file_of_the_package_that_it_uses(stage: str):
    module = f"evaluation.cli.stages.{stage}"
    command = [sys.executable, "-c", LOADED, module]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    opened, noted = (set(line.split()) for line in printed.splitlines())
    used = imported(ROOT / f"evaluation/cli/stages/{stage}.py", set())
    used |= imported(ROOT / "evaluation/__main__.py", set())
    assert {path.relative_to(ROOT).as_posix() for path in used} - noted == set()
    assert {"evaluation/commands.toml", "evaluation/locale/es.po"} <= opened
    assert opened - noted == set()


@pytest.mark.parametrize("study", STUDIES)
def test_make_and_the_package_read_the_same_lists(make: Make, study: str):
    """Make reads them before there is an environment; the strict reader decides what they are."""
    configuration = read_configuration(ROOT / "config" / study)
    script = "show: ; @echo '$(LANGUAGES)|$(STAGES)'"
    shown = make("--eval", script, "show", f"STUDY={study}").stdout.strip()
    languages, stages = (part.split() for part in shown.split("|"))
    assert languages == list(configuration.study.languages)
    assert ("robustness" in stages) == (configuration.study.panel is None)
    builders = {exhibit.builder for exhibit in configuration.registry.exhibit}
    assert ("calibrate" in stages) == bool(builders & {"calibration", "rule_errors"})


def test_make_knows_the_list_that_each_stage_leaves(make: Make):
    names = [
        "CONFIGURED",
        "READ",
        "CLEANED",
        "ESTIMATED",
        "CHECKED",
        "CALIBRATED",
        "EXHIBITS",
        "NOTEBOOKS",
        "SITES",
        "AUDITED",
    ]
    script = f"show: ; @echo '{' '.join(f'$({name})' for name in names)}'"
    study = "somos_comunidad"
    shown = make("--eval", script, "show", f"STUDY={study}").stdout.split()
    languages = read_configuration(ROOT / "config" / study).study.languages
    # prints are known by what they were made from, not by their list
    lists = (c["list"] for c in COMMANDS.values() if "list" in c and c["group"] == "stage")
    named = {each.format(language=language) for each in lists for language in languages}
    assert {Path(name).stem for name in shown} == named
    assert all(name.startswith(f"build/{study}/private/made/") for name in shown)


@pytest.mark.parametrize("study", STUDIES)
def test_every_chapter_of_the_book_has_its_notebook(study: str):
    names = chapters(ROOT / "book" / f"_toc.{study}.yml")
    assert names
    assert [c for c in names if not (ROOT / "notebooks" / f"{c}.ipynb").is_file()] == []


def test_make_and_all_set_the_same_environment(make: Make):
    shown = make("--eval", "show: ; @env", "show").stdout.splitlines()
    found = dict(line.partition("=")[::2] for line in shown)
    assert {name: found.get(name) for name in SETTINGS} == SETTINGS


def test_an_old_make_is_refused_with_a_way_out(make: Make):
    # 3.81 accepts grouped targets silently and runs their recipe once for each: the list of
    # features is all that tells it apart
    old = make(".FEATURES=target-specific order-only", "help")
    assert old.returncode != 0
    assert "GNU Make 4.3" in old.stderr
    assert "python -m evaluation all" in old.stderr


def test_help_names_every_target_for_people(make: Make):
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.findall(r"^\.PHONY: help (.+)$", text, re.MULTILINE)[0].split()
    printed = make("help").stdout
    assert [name for name in listed if f"make {name}" not in printed] == []


def test_help_names_the_commands_that_start_with_make_or_a_study(make: Make):
    printed = make("help").stdout
    people = [name for name, command in COMMANDS.items() if command["group"] == "new"]
    assert [name for name in people if not re.search(rf"^  {name}\b", printed, re.MULTILINE)] == []
    heads = [line for line in printed.splitlines() if line and not line.startswith(" ")]
    assert len(heads) == 4


def test_clean_removes_one_study_and_clean_all_the_others_too(tmp_path: Path, make: Make):
    """Only what earlier releases received stays: the rows of corrections are known by it."""
    copy_tree(tmp_path)
    kept = "build/somos_comunidad/private/releases/abc/baseline.csv"
    others = (
        "build/somos_comunidad/private/findings.csv", "build/somos_comunidad/en/site/index.html",
        "data_clean/somos_comunidad/panel.parquet",
    )  # fmt: skip
    of_medellin = ("build/medellin/private/x.csv", "data_clean/medellin/panel.parquet")
    for name in (kept, *others, *of_medellin):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")

    def left(*given: str) -> set[str]:
        done = subprocess.run(
            ["make", *given], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        files = (p for top in ("build", "data_clean") for p in (tmp_path / top).rglob("*"))
        return {p.relative_to(tmp_path).as_posix() for p in files if p.is_file()}

    assert left("clean") == {kept, *of_medellin}
    assert left("clean", "STUDY=medellin") == {kept}
    assert not (tmp_path / "build" / "medellin").exists()
    assert left("clean-all") == set()
    for typed in ("STUDY=", "STUDY=medelin", "STUDY=.."):
        assert make("--dry-run", "clean", typed).returncode == 2, typed


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("STUDI=medellin", "there is no variable STUDI. Did you mean STUDY?"),
        ("DATARAW=folder", "Did you mean DATA_RAW?"),
        ("xyz=1", "Did you mean one of STUDY DATA_RAW"),
        ("STUDY=medelin", "config/ holds"),
    ],
)
@pytest.mark.parametrize("goal", ["all", "status", "lab"])
def test_what_is_mistyped_is_refused(make: Make, typed: str, expected: str, goal: str):
    found = make("--dry-run", goal, typed)
    assert found.returncode == 2
    assert expected in found.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("status", "STUDY=medelin"), "no hay ningún estudio `medelin`: config/ contiene"),
        (("all", "STUDI=medellin"), "no existe la variable STUDI. ¿Quiso decir STUDY?"),
        (("publish",), "indique la carpeta de la versión publicada: make publish DEST="),
    ],
)
def test_make_refuses_in_the_language_of_the_messages(
    make: Make, arguments: tuple[str, ...], expected: str
):
    found = make("--dry-run", *arguments, "EVAL_LANG=es")
    assert found.returncode == 2
    assert expected in found.stderr


def test_make_has_each_refusal_in_both_languages():
    texts = tomllib.loads((ROOT / "tools" / "make.toml").read_text(encoding="utf-8"))
    assert {tuple(each) for each in texts.values()} == {("en", "es")}
    holes = {name: {each.count("{}") for each in of.values()} for name, of in texts.items()}
    assert {name: counts for name, counts in holes.items() if len(counts) > 1} == {}
    script = (ROOT / "tools" / "make.py").read_text(encoding="utf-8")
    assert [name for name in texts if f'"{name}"' not in script] == []


def test_what_stops_a_release_is_said_before_anything_is_built(make: Make):
    said = make("--dry-run", "--always-make", "publish", "DEST=out", "STUDY=medellin")
    lines = said.stdout.splitlines()
    (first,) = [i for i, line in enumerate(lines) if "--check yes" in line]
    built = [i for i, line in enumerate(lines) if re.search(r"evaluation (read|book) ", line)]
    (last,) = [i for i, x in enumerate(lines) if " publish " in x and "--check" not in x]
    assert first < min(built) < max(built) < last
    assert "--check" not in make("--dry-run", "STUDY=medellin").stdout


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree without results: those of this folder are somebody's."""
    return copy_tree(tmp_path_factory.mktemp("unbuilt"))


def test_the_folder_of_last_time_is_remembered(make: Make, unbuilt: Path, tmp_path: Path):
    make = functools.partial(make, folder=unbuilt)
    study = unbuilt / "build" / "medellin" / "private" / "raw_folder"
    study.parent.mkdir(parents=True, exist_ok=True)
    study.write_text(f"{tmp_path}/datos crudos\n\n", encoding="utf-8")
    show = ("--eval", "show: ; @echo '$(DATA_RAW)'", "show")
    assert make(*show, "STUDY=medellin").stdout.strip() == f"{tmp_path}/datos crudos"
    # the stage that reads runs again for another folder, or another list; its files come last
    again = ("--eval", "show: ; @echo '$(filter FORCE,$(FILES))'", "show", "STUDY=medellin")
    folder, path = tmp_path / "datos crudos", tmp_path / "list.csv"
    for file in (folder / "delivered.csv", path):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert make(*again).stdout.strip() == ""
    assert make(*again, f"TREATMENT={path}").stdout.strip() == "FORCE"
    assert make(*again, "DATA_RAW=other").stdout.strip() == "FORCE"
    study.write_text(f"{folder}\n{path}\n", encoding="utf-8")
    assert make(*again, f"TREATMENT={path}").stdout.strip() == ""
    # what is said wins, and a study's own folder too
    assert make(*show, "STUDY=medellin", "DATA_RAW=other").stdout.strip() == "other"
    assert make(*show).stdout.strip() == "data_raw/somos_comunidad"
    study.unlink()


def test_the_last_lines_name_the_book_in_every_language(make: Make):
    printed = make("--dry-run", "all").stdout.splitlines()[-1]
    named = re.findall(r'echo "The book: ([^"]*)"', printed)
    assert named == [
        f"build/somos_comunidad/{language}/site/index.html" for language in ("en", "es")
    ]


def test_after_an_upgrade_the_stages_that_are_built_again_are_named(make: Make, unbuilt: Path):
    make = functools.partial(make, folder=unbuilt)
    private = unbuilt / "build" / "medellin" / "private" / "program"
    private.parent.mkdir(parents=True, exist_ok=True)
    current = make("--eval", 'show: ; @echo "$(PROGRAM)"', "show").stdout.strip()
    assert current
    said = {}
    for program in (current, "an earlier one"):
        private.write_text(program, encoding="utf-8")
        given = ("--eval", "show: upgraded ; @true", "show", "STUDY=medellin", "EVAL_ENV=active")
        said[program] = make(*given).stderr
    assert said[current] == ""
    assert "Built again: read clean-data estimate robustness" in said["an earlier one"]


@pytest.mark.parametrize("python", ["", "#!/bin/sh\nexit 3\n"], ids=["none", "one that is too old"])
def test_the_active_environment_must_have_a_python(tmp_path: Path, python: str):
    """A PATH with what make itself needs, and no python that will do."""
    for name in ("sed", "git", "sh", "rm"):
        (tmp_path / name).symlink_to(shutil.which(name))
    if python:
        (tmp_path / "python").write_text(python, encoding="utf-8")
        (tmp_path / "python").chmod(0o755)
    found = subprocess.run(
        [shutil.which("make"), "--dry-run", "read", "EVAL_ENV=active"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2
    assert "Python 3.11, 3.12 or 3.13 is needed, and there is none" in found.stderr
    assert "EVAL_ENV=active takes the `python` on PATH" in found.stderr


def test_an_older_python_reads_far_enough_to_leave_it_to_another():
    """Its grammar is that of 3.8, in which nothing but the number of the version is looked at."""
    text = (ROOT / "tools" / "make.py").read_text(encoding="utf-8")
    first = next(n for n, line in enumerate(text.splitlines()) if "sys.version_info" in line)
    ast.parse(text, feature_version=(3, 8))
    assert [line for line in text.splitlines()[:first] if line.startswith(("import", "from"))] == [
        "import sys"
    ]


def test_python_starts_once_while_make_reads_its_rules(make: Make, tmp_path: Path):
    counter = tmp_path / "python"
    counter.write_text(
        f'#!/bin/sh\necho "$*" >> "{tmp_path}/starts"\nexec "{sys.executable}" "$@"\n'
    )
    counter.chmod(0o755)
    around = {**surroundings(), "PATH": f"{tmp_path}:{surroundings()['PATH']}"}
    subprocess.run(["make", "--dry-run", "read"], cwd=ROOT, env=around, check=True)
    (start,) = (tmp_path / "starts").read_text(encoding="utf-8").splitlines()
    # no library of an environment, which may not be there
    assert start.startswith("-I -S -X utf8 tools/make.py ")


@pytest.mark.parametrize("broken", ["languages = 3\n", "languages = [1]\n", "a = b = c\n", "\0"])
def test_a_broken_configuration_is_left_to_the_stage_that_reads_it(unbuilt: Path, broken: str):
    for name in ("study", "exhibits", "manifest"):
        path = unbuilt / "config" / "medellin" / f"{name}.toml"
        held = path.read_text(encoding="utf-8")
        path.write_text(f"exhibit = 1\nfolders = 1\n{broken}", encoding="utf-8")
        found = run_make("--dry-run", "exhibits", "STUDY=medellin", folder=unbuilt)
        assert (found.returncode, found.stderr) == (0, ""), name
        assert "evaluation exhibits" in found.stdout
        path.write_text(held, encoding="utf-8")


def test_a_dry_run_changes_nothing():
    """A recipe that names MAKE runs under `make -n`, all of it: it may only ask and say."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [r for r in re.findall(r"(?:^\t.*\n)+", text, re.MULTILINE) if "$(MAKE)" in r]
    assert len(recipes) == 3
    run = {name for recipe in recipes for name in re.findall(r"\$\(RUN\) (\w+)", recipe)}
    assert run <= {"status"}
    assert not [r for r in recipes if re.search(r"\brm\b|-delete", r)]


def test_raw_files_with_spaces_are_prerequisites(make: Make, tmp_path: Path):
    folder = tmp_path / "datos crudos ñ"
    folder.mkdir()
    (folder / "línea de base.csv").write_text("KEY\n", encoding="utf-8")
    # Cut at its spaces the name would be three files that no rule makes
    found = make("--dry-run", "read", f"DATA_RAW={folder}")
    assert "No rule to make target" not in found.stderr
    assert found.returncode == 0
    assert f'--data-raw "{folder}"' in found.stdout


def test_a_private_list_is_handed_to_the_stage_that_reads(make: Make, tmp_path: Path):
    path = tmp_path / "lista.csv"
    path.write_text("cod_mpio\n", encoding="utf-8")
    given = make("--dry-run", "read", "STUDY=homicides", f"TREATMENT={path}").stdout
    assert f'--treatment "{path}"' in given
    assert "--treatment" not in make("--dry-run", "read", "STUDY=homicides").stdout
