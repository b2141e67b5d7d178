"""Which stages make runs after one file changed or was lost.

A stand-in for the interpreter notes the stage and makes its list with one file, and what it was
made from: the modules that the stage really imports. So make's own decisions are tested, and the
whole chain takes a second.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.storage.folders import LANGUAGES
from tests.pipeline.conftest import AWKWARD, copy_tree, surroundings
from tests.tables import cases

CASES = cases(__file__)

STUDY = "somos_comunidad"
MADE = f"build/{STUDY}/private/made"
LISTS = {
    "configuration": "CONFIGURED",
    "read": "READ",
    "clean": "CLEANED",
    "robustness": "CHECKED",
    "estimate": "ESTIMATED",
    "exhibits": "EXHIBITS",
    "notebook": "NOTEBOOKS",
    "book": "SITES",
    "audit": "AUDITED",
    "calibrate": "CALIBRATED",
    "pdf": "PRINTED",
    # these two make nothing that another stage needs
    "publish": "AUDITED",
    "verify": "AUDITED",
}
# What a stage notes when it runs, but for what it learns while it reads.
NOTES = """\
import gc, sys
from argparse import Namespace
from importlib import import_module
from evaluation.__main__ import COMMANDS
from evaluation.cli.stages import by_hand
from evaluation.registry import Registry
from evaluation.storage import made_files
from evaluation.storage.folders import Paths
stage, study = sys.argv[1:]
import_module(f"evaluation.cli.{COMMANDS[stage].get('module', stage)}")
if stage in ("read", "robustness", "exhibits"):
    for registry in [each for each in gc.get_objects() if isinstance(each, Registry)]:
        registry.load()
paths = Paths.of(Namespace(study=study, data_raw=""))
with made_files.recorded(paths.build, "noted"):
    by_hand.note(paths, stage)
    if stage == "read":
        made_files.note_source(f"config/{study}/municipalities.csv")
    if stage == "notebook":
        import_module("evaluation.site.notebooks")
        made_files.note_source("notebooks/main_results.ipynb")
for line in made_files.list_of(paths.build, "noted").with_suffix(".from").open():
    name = line.rstrip().partition("  ")[2]
    # a shell knows no folder at any depth; the files are there by their names
    if "**" not in name:
        print(name)
"""
STAND_IN = """\
#!/bin/sh
[ "$1" != -I ] || exec "$REAL" "$@"
echo "$3" >> ../ran
note() {
  while read -r name; do
    case $name in
      *\\**)
        names=$(for each in $name; do [ ! -f "$each" ] || echo "$each"; done)
        [ -z "$names" ] || printf '%s  %s\\n' "$(echo "$names" | sha256sum | cut -c1-64)" "$name" ;;
      *) [ -f "$name" ] || printf '  %s\\n' "$name" ;;
    esac
  done < "$1"
  grep -v '[*]' "$1" | xargs sha256sum 2>/dev/null || :
}
for word; do last=$word; done
if [ "$3" = read ]; then
  mkdir -p "build/$5/private"
  printf '%s\n%s\n' "$7" "${9:-}" > "build/$5/private/raw_folder"
fi
while read -r name; do
  # each language makes its own: the other may be further on
  case "$3 $name" in
    exhibits*-"$last".sha256 | notebook*-"$last".sha256 | book*-"$last".sha256 | pdf*/"$last"/*) ;;
    exhibits* | notebook* | book* | pdf*) continue ;;
  esac
  mkdir -p "${name%/*}"
  [ ! -f "../notes-$3" ] || (note "../notes-$3") > "${name%.sha256}.from"
  # one file that the stage made, and the list that has it
  : > "$name.made"
  echo "0  $name.made" > "$name"
done < "../$3"
"""
FROM_CLEAN = "clean robustness estimate calibrate exhibits notebook book audit"
ALL = f"read {FROM_CLEAN}"


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    around = surroundings()
    around |= {"PATH": f"{root.parent}{os.pathsep}{around['PATH']}", "REAL": sys.executable}
    return subprocess.run(
        ["make", *arguments], cwd=root, env=around, capture_output=True, text=True, check=False
    )


def stages(root: Path, *arguments: str) -> list[str]:
    """Stages that a make ran, in order, each once; reading the configuration is none."""
    return [name for name in commands(root, *arguments) if name != "configuration"]


def commands(root: Path, *arguments: str) -> list[str]:
    noted = root.parent / "ran"
    noted.write_text("", encoding="utf-8")
    # one after the other, so that their order says something
    finished = run(root, "--jobs=1", *arguments)
    assert finished.returncode == 0, finished.stderr
    return list(dict.fromkeys(noted.read_text(encoding="utf-8").split()))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which everything has been made by the stand-in."""
    tree = copy_tree(tmp_path_factory.mktemp("incremental") / AWKWARD)
    stand_in = tree.parent / "python"
    stand_in.write_text(STAND_IN, encoding="utf-8")
    stand_in.chmod(0o755)
    for stage, variable in LISTS.items():
        script = f"show: ; @printf '%s\\n' $({variable})"
        listed = run(tree, "--eval", script, "show").stdout
        (tree.parent / stage).write_text(listed, encoding="utf-8")
        if stage not in ("pdf", "publish", "verify"):
            command = [sys.executable, "-c", NOTES, stage, STUDY]
            noted = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
            (tree.parent / f"notes-{stage}").write_text(noted.stdout, encoding="utf-8")
    for left in (tree / MADE).glob("noted.*"):
        left.unlink()
    assert stages(tree) == ALL.split()
    return tree


@pytest.fixture
def root(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """That tree with nothing to do: a test leaves it so, or make does so after one that failed."""
    failed = request.session.testsfailed
    yield tree
    if request.session.testsfailed > failed:
        stages(tree)


def test_the_second_make_runs_nothing(root):
    assert stages(root) == []
    assert run(root, "--question", "audit").returncode == 0


def test_after_a_build_nobody_is_told_that_something_is_left_to_make(root):
    assert run(root, "--question").returncode == 0
    assert run(root, "--question", "all").returncode == 0
    (root / MADE / "audit.sha256").unlink()
    assert run(root, "--question").returncode == 1


@pytest.mark.parametrize("changed", ["exhibits.toml", "study.toml", "review.toml", "plan.lock"])
def test_the_whole_configuration_is_read_before_the_first_stage(root, changed):
    path = root / "config" / STUDY / changed
    path.write_bytes(path.read_bytes() + b"\n")
    first, *rest = commands(root)
    assert first == "configuration"
    assert rest
    assert commands(root) == []


def test_a_single_stage_asks_for_no_more_than_it_reads(root):
    """The files of a study that is being written are read before its plan is decided."""
    path = root / "config" / STUDY / "plan.toml"
    path.write_bytes(path.read_bytes() + b"\n")
    assert commands(root, "read") == []
    assert commands(root)[0] == "configuration"


@pytest.mark.parametrize(("changed", "expected"), CASES["changes"])
def test_a_change_runs_the_stages_that_depend_on_it(root, changed, expected):
    assert (root / changed).is_file()
    os.utime(root / changed)
    assert stages(root) == expected.split()


@pytest.mark.parametrize(("stage", "expected"), CASES["lost_outputs"])
@pytest.mark.parametrize("ending", ["", ".made"], ids=["list", "file"])
def test_a_lost_output_is_made_again_with_what_depends_on_it(root, stage, expected, ending):
    (root / MADE / f"{stage}.sha256{ending}").unlink()
    # who only asks is told so, and takes nothing away
    assert run(root, "--question", "audit").returncode == 1
    assert stages(root) == expected.split()
    assert stages(root) == []


def test_a_file_that_came_under_an_old_time_runs_what_reads_it(root: Path):
    """Moved here or unpacked, it is older than what was made without it."""
    lock, exceptions = root / f"config/{STUDY}/plan.lock", root / f"config/{STUDY}/audit.toml"
    held = lock.read_bytes()
    lock.unlink()
    assert stages(root) == FROM_CLEAN.split()
    for path, expected in ((lock, FROM_CLEAN), (exceptions, "notebook book audit")):
        path.write_bytes(held)
        os.utime(path, (1, 1))
        assert stages(root) == expected.split()
        assert commands(root) == []
    exceptions.unlink()
    assert stages(root) == ["notebook", "book", "audit"]


@pytest.mark.parametrize(
    ("changed", "first"), [("evaluation/storage/disk.py", "read"), ("book/_config.yml", "book")]
)
def test_what_changed_under_its_old_time_is_noticed(root: Path, changed: str, first: str):
    path = root / changed
    before, times = path.read_bytes(), path.stat()
    for content in (before + b"\n", before):
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert run(root, "--question", "audit").returncode == 1
        assert stages(root)[0] == first
        assert commands(root) == []


@pytest.mark.parametrize(
    "name",
    [
        # what an editor leaves while a file is open
        *(f"config/{STUDY}/{name}" for name in (".plan.toml.swp", "plan.toml~")),
        f"config/{STUDY}/dictionary/.01_interview.toml.swp",
        "book/common/reproduce.md~",
        # no stage loads it
        "evaluation/config/a_new_module.py",
        f"config/{STUDY}/releases.toml",
    ],
)
def test_a_file_that_no_stage_reads_runs_nothing(root: Path, name: str):
    (root / name).write_text("", encoding="utf-8")
    assert run(root, "--question").returncode == 0
    (root / name).unlink()
    assert run(root, "--question").returncode == 0


def test_one_more_module_among_those_that_register_themselves_runs_the_stage(root: Path):
    new = root / "evaluation/analysis/checks/a_new_check.py"
    new.write_text("", encoding="utf-8")
    os.utime(new, (1, 1))
    assert stages(root)[0] == "robustness"
    assert stages(root) == []
    new.unlink()
    assert stages(root)[0] == "robustness"


def test_a_module_that_is_gone_runs_the_stages_that_had_loaded_it(root: Path):
    module = root / "evaluation/cli/stages/robustness.py"
    away = module.rename(root.parent / "robustness.py")
    assert stages(root)[0] == "robustness"
    # what it says of itself is noted when it comes back
    away.rename(module)
    assert stages(root)[0] == "robustness"
    assert stages(root) == []


@pytest.mark.parametrize("stage", ["read", "calibrate", "audit"])
def test_a_stage_whose_note_is_gone_runs_again(root: Path, stage: str):
    note = root / MADE / f"{stage}.from"
    noted = note.read_text(encoding="utf-8")
    results = [line for line in noted.splitlines(keepends=True) if "  evaluation/" not in line]
    for content in ("".join(results), ""):
        note.write_text(content, encoding="utf-8")
        assert run(root, "--question", "audit").returncode == 1
        assert stages(root)[0] == stage
        assert stages(root) == []


def test_make_decides_within_a_moment(root: Path):
    """A third of a second where nothing else runs; here others may."""
    took = []
    for _ in range(5):
        begin = time.perf_counter()
        assert run(root, "--question").returncode == 0
        took.append(time.perf_counter() - begin)
    assert min(took) < 1.5


@pytest.mark.parametrize("goals", [("read", "book"), ("all", "book"), ("estimate", "calibrate")])
def test_who_asks_for_several_goals_is_told_the_truth(root: Path, goals: tuple[str, ...]):
    assert run(root, "--question", *goals).returncode == 0
    (root / MADE / "estimate.sha256").unlink()
    assert run(root, "--question", *goals).returncode == 1
    stages(root)


def test_what_was_changed_after_the_search_is_searched_again(root: Path):
    (root / MADE / "estimate.sha256.made").write_text("by hand", encoding="utf-8")
    assert stages(root) == ["audit"]
    assert stages(root) == []


@pytest.mark.parametrize(("lost", "first"), CASES["lost_inputs"])
def test_a_lost_input_runs_the_stage_that_will_say_so(root, lost, first):
    content = (root / lost).read_bytes()
    (root / lost).unlink()
    assert stages(root)[:1] == [first]
    (root / lost).write_bytes(content)
    stages(root)
    assert stages(root) == []


def test_a_new_or_lost_raw_file_runs_everything(root):
    new = root / "data_raw" / STUDY / "otro archivo ñ.csv"
    new.write_text("a\n", encoding="utf-8")
    assert stages(root) == ALL.split()
    assert stages(root) == []
    new.unlink()
    assert stages(root) == ALL.split()


def test_another_raw_folder_runs_everything_though_its_files_are_older(root):
    other = root.parent / "datos crudos"
    other.mkdir()
    (other / "old file.csv").write_text("a\n", encoding="utf-8")
    os.utime(other / "old file.csv", (1, 1))
    os.utime(other, (1, 1))
    assert stages(root, f"DATA_RAW={other}") == ALL.split()
    assert stages(root, f"DATA_RAW={other}") == []
    assert stages(root) == ALL.split()


def test_a_change_of_one_study_leaves_the_other_alone(root):
    os.utime(root / "config/medellin/plan.toml")
    assert stages(root) == []


def test_stale_temporaries_are_swept_before_anything_runs(root):
    half = root / "build" / STUDY / ".tmp-estimates.csv"
    folder = root / "build" / STUDY / "en" / ".tmp-site"
    half.write_text("half", encoding="utf-8")
    (folder / "deep").mkdir(parents=True)
    assert stages(root) == []
    assert not half.exists()
    assert not folder.exists()


def test_temporaries_of_a_run_that_may_be_under_way_stay(root, make):
    mine = root / "build" / STUDY / "en" / ".tmp-site"
    other = root / "build" / "another" / "en" / ".tmp-book"
    for folder in (mine, other):
        folder.mkdir(parents=True)
    # who only tells or asks sweeps nothing, and nobody sweeps another study
    make("--dry-run", folder=root)
    make("--question", "book", folder=root)
    assert mine.exists()
    stages(root)
    assert not mine.exists()
    assert other.exists()


def test_a_second_make_sweeps_nothing_of_a_run_that_is_under_way(root):
    half = root / "build" / STUDY / "en" / ".tmp-site"
    half.mkdir(parents=True)
    lock = root / "build" / STUDY / "private" / ".running-book-en"
    lock.write_text(f"book, process {os.getpid()}", encoding="utf-8")
    stages(root)
    assert half.exists()
    # one that was killed leaves its lock's file, and nobody has its number
    ended = subprocess.Popen(["true"])
    ended.wait()
    lock.write_text(f"book, process {ended.pid}", encoding="utf-8")
    stages(root)
    assert not half.exists()
    lock.unlink()


def test_two_jobs_run_each_stage_once(root):
    os.utime(root / "evaluation/storage/disk.py")
    stages(root, "-j2")
    noted = (root.parent / "ran").read_text(encoding="utf-8").split()
    once = [stage for stage in noted if stage not in ("configuration", "notebook")]
    assert once[:2] == ["read", "clean"]
    assert sorted(once[2:5]) == ["calibrate", "estimate", "robustness"]
    # of the book each language has its own
    assert set(once[5:-1]) == {"exhibits", "book"}
    assert max(once.count(stage) for stage in ("exhibits", "book")) <= len(LANGUAGES)
    assert once[-1] == "audit"


# ---- a release: each book built once, prints and public data searched ----------------------------


def test_a_release_is_printed_and_searched_before_it_is_written(root: Path):
    stages(root, "publish", "DEST=out")
    # what stops it is looked for before anything is made, what was printed is searched
    looked, *noted = (root.parent / "ran").read_text(encoding="utf-8").split()
    assert (looked, list(dict.fromkeys(noted))) == ("publish", ["pdf", "audit", "publish"])
    assert noted[-2:] == ["audit", "publish"]
    assert stages(root) == []


@pytest.mark.parametrize(
    ("given", "jobs"), [((), "-j2"), (("--jobs=1",), "-j1"), (("-j3",), "-j3")]
)
def test_two_stages_run_at_a_time_unless_somebody_says_how_many(root, given, jobs):
    script = "show: ; @printf '%s' '$(wordlist 1,3,$(MAKEFLAGS))'"
    assert jobs in run(root, *given, "--eval", script, "show").stdout.split()


def test_several_goals_follow_one_another(root):
    script = "show: ; @printf '%s' '$(filter -j% --jobs%,$(MAKEFLAGS))'"
    assert run(root, "--eval", script, "--eval", "other: ; @:", "other", "show").stdout == ""


def test_make_calibrates_where_the_rates_are_shown(root):
    (root / MADE / "calibrate.sha256").unlink()
    assert stages(root) == ["calibrate", "exhibits", "notebook", "book", "audit"]
    assert stages(root) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["publish"], "make publish DEST=folder"),
        (["publish", "DEST=one", "RELEASE=two"], "two folders"),
        (["verify"], "make verify RELEASE=folder"),
    ],
)
def test_a_release_without_a_folder_or_with_two_is_refused(root, given, told):
    finished = run(root, *given)
    assert finished.returncode != 0
    assert told in finished.stderr
