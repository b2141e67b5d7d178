"""What Make asks once, before its rules: what is wrong with the call, and what a study is made of.

Printed are lines of a Makefile, with ``⏎`` for the end of each: a refusal, or the languages and
stages of the study and, for every stage that has run, the files that it was made from, by its note
(``.from`` in ``build/<study>/private/made``). A stage whose note is no longer true has to run,
whatever the times of its files say. There is no environment yet: only the standard library.
"""

import sys

if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(3)

import difflib
import functools
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.storage import program_files
from evaluation.storage.settings import SETTINGS

KNOWN = (
    *("STUDY", "DATA_RAW", "TREATMENT", "EVAL_ENV", "EVAL_PYTHON", "EVAL_LANG", "EVAL_PROCESSES"),
    *("INSTALLER", "CHROMIUM", "BASE", "RELEASE", "DEST", "REPLACE", "DRAFT", "BROWSED", "VIEWS"),
    "OTHER",
)
STAGES = (
    *("read", "clean-data", "estimate", "robustness", "calibrate"),
    *("exhibits", "notebooks", "book", "audit"),
)
BUILDING = {"all", "pdf", *STAGES}
OF_A_STUDY = {
    *("software", "lab", "doctor", "repair", "status", "clean", "demo-data", "public-data"),
    *("bench", "publish", "verify", "compare", *BUILDING),
}
# of a release, by goal: the variable that names its folder, or one of two that do
FOLDERS = {"publish": ("DEST", "RELEASE"), "verify": ("RELEASE",), "compare": ("BASE",)}
# exhibits for which rejection rates are calibrated
RATES = ("calibration", "rule_errors")
GENERATED, PROGRAM = ("build/", "data_clean/"), "evaluation/"


def refusal(given: dict[str, str], goals: set[str], typed: list[str]) -> tuple[str, ...]:
    """Name of the text that says why nothing is made, and what it names; empty for no reason."""
    # 3.81 takes a rule of several targets for several rules without a word
    if "grouped-target" not in given[".FEATURES"].split():
        return "make", given["MAKE_VERSION"]
    for name in typed:
        if name not in KNOWN and not re.match("(GNU)?MAKE", name):
            near = difflib.get_close_matches(name.upper(), KNOWN, n=1)
            return ("variable", name, *near) if near else ("variable-of", name, " ".join(KNOWN))
    if goals & OF_A_STUDY and not Path("config", given["STUDY"], "study.toml").is_file():
        studies = (path.parent.name for path in Path("config").glob("*/study.toml"))
        return "study", given["STUDY"], " ".join(sorted(studies))
    for goal in sorted(goals & FOLDERS.keys()):
        named = {given[name] for name in FOLDERS[goal]} - {""}
        if not named:
            return "folder", goal, FOLDERS[goal][0]
        if len(named) > 1:
            return ("folders",)
    if "compare" in goals and not Path(given["BASE"], "SHA256SUMS").is_file():
        return "base", given["BASE"]
    return ()


def sweep(build: Path, clean: Path) -> None:
    """Remove temporary files of a study's killed runs, unless a run is under way.

    Its lock names its process; one that was killed and that nobody has waited for is a zombie.
    """
    for lock in (build / "private").glob(".running-*"):
        number = lock.read_text("utf-8").rpartition("process ")[2].strip()
        state = Path("/proc", number, "status")
        try:
            os.kill(int(number), 0)
        except (ValueError, ProcessLookupError):
            continue
        except PermissionError:
            return
        if not (state.is_file() and "zombie" in state.read_text("utf-8")):
            return
    for path in (path for folder in (build, clean) for path in [*folder.rglob(".tmp-*")]):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def table(path: Path) -> dict[str, Any]:
    """A file of the configuration; empty where the stage that reads it will say what is wrong."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def listed(found: dict[str, Any], key: str, kind: type) -> list[Any]:
    """What a list of a file holds, as far as it is of a kind."""
    values = found.get(key)
    return [one for one in values if isinstance(one, kind)] if isinstance(values, list) else []


def raw_folder(given: dict[str, str]) -> str:
    """Folder of delivered files: the one given, the study's own, or where they lay last time."""
    own = f"data_raw/{given['STUDY']}"
    last = "" if Path(own).is_dir() else read_last(given).partition("\n")[0]
    return given["DATA_RAW"] or last or own


def read_last(given: dict[str, str]) -> str:
    """Folder and private list that the stage that reads has noted, each in a line."""
    path = Path("build", given["STUDY"], "private", "raw_folder")
    return path.read_text("utf-8") if path.is_file() else ""


def delivered(given: dict[str, str]) -> list[str]:
    """Delivered files, and FORCE where others were read last.

    The folders are among them: their times say that a file was taken away.
    """
    folder, treatment = raw_folder(given), given["TREATMENT"]
    manifest = table(Path("config", given["STUDY"], "manifest.toml"))
    tops = [Path(folder, name) for name in listed(manifest, "folders", str) or [""]]
    found = [path for top in tops if top.is_dir() for path in (top, *top.rglob("*"))]
    names = [*map(str, found), *([treatment] if Path(treatment).is_file() else [])]
    same = read_last(given) == f"{folder}\n{treatment}\n"
    return names if same and names else [*names, "FORCE"]


def sums(path: Path) -> dict[str, str]:
    """Sums by name, of a list or a note; none where there is no such file."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def time_of(name: str | Path) -> int:
    """When a file was changed; 0 where there is none."""
    path = Path(name)
    return path.stat().st_mtime_ns if path.exists() else 0


def made_from(made: Path) -> Iterator[tuple[str, list[str]]]:
    """Lists of stages with files that each was made from, and FORCE where the stage has to run.

    The results of other stages are not among the files: the rules have these. A stage has to run
    where a file is another than in its note, or one that it made is gone, or where it has begun
    and not ended; the search of what is published, where anything was changed after it.
    """
    searched, now = made / "audit.sha256", functools.cache(program_files.sum_of)
    last, changed = time_of(searched), False
    for path in made.glob("[!.]*.sha256"):
        times = [time_of(name) for name in sums(path)]
        changed = changed or max(times, default=0) > last
        note = sums(path.with_suffix(".from")).items()
        files = {name: digest for name, digest in note if not name.startswith(GENERATED)}
        is_true = any(name.startswith(PROGRAM) for name in files)
        is_true = is_true and all(now(name) == digest for name, digest in files.items())
        there = [name for name in files if "*" not in name and now(name)]
        yield str(path), there if is_true and 0 not in times else [*there, "FORCE"]
    begun = [path.with_suffix(".sha256") for path in made.glob("[!.]*.begun")]
    yield from ((str(path), ["FORCE"]) for path in [*begun, *([searched] if changed else [])])


def facts(given: dict[str, str]) -> Iterator[str]:
    """Lines for Make about the study."""
    config = Path("config", given["STUDY"])
    study, shown = table(config / "study.toml"), table(config / "exhibits.toml")
    yield f"LANGUAGES := {' '.join(listed(study, 'languages', str)) or 'en'}"
    rates = any(exhibit.get("builder") in RATES for exhibit in listed(shown, "exhibit", dict))
    # a panel's sensitivity is part of its plan's specifications
    left_out = ("" if rates else "calibrate", "robustness" if study.get("type") == "panel" else "")
    yield f"STAGES := {' '.join(stage for stage in STAGES if stage not in left_out)}"
    yield f"DATA_RAW := {as_text(raw_folder(given))}"
    made = Path("build", given["STUDY"], "private", "made")
    for name, files in (*made_from(made), (str(made / "read.sha256"), delivered(given))):
        # blanks and colons end a name
        escaped = (re.sub("([ :])", r"\\\1", file) for file in files)
        yield f"FILES := {as_text(' '.join(escaped))}"
        yield f"{name}: $(FILES)"


def as_text(value: str) -> str:
    """The value of a variable of Make, which has signs of its own."""
    return value.replace("$", "$$").replace("#", "\\#")


def main(words: list[str]) -> Iterator[str]:
    """Lines for Make.

    Parameters
    ----------
    words : list of str
        Variables of Make, as ``NAME=value``.
    """
    given = {name: os.environ.get(name, "") for name in KNOWN}
    given |= dict(word.split("=", 1) for word in words)
    # as they were typed: a blank in a value has a backslash
    pairs = re.findall(r"(?:^|\s)([^\s=:+?!]+)[:+?!]*=((?:\\\s|\S)*)", given["MAKEOVERRIDES"])
    given |= {name: re.sub(r"\\(\s)", r"\1", value) for name, value in pairs}
    goals = set(given["MAKECMDGOALS"].split() or ["all"])
    letters = given["MAKEFLAGS"].partition(" ")[0]
    asks = {"n", "q"} & set("" if letters.startswith("-") else letters)
    why, *named = refusal(given, goals, [name for name, _ in pairs]) or ("",)
    if why:
        texts = table(Path(__file__).with_suffix(".toml"))[why]
        text = texts["es" if given["EVAL_LANG"] == "es" else "en"].format(*named)
        yield f"REFUSED := {as_text(text)}"
        return
    if not asks and goals & BUILDING:
        sweep(Path("build", given["STUDY"]), Path("data_clean", given["STUDY"]))
    yield f"ASKS := {' '.join(asks)}"
    yield f"FOUND := {getattr(sys, '_base_executable', sys.executable)}"
    yield from (f"export {name} := {value}" for name, value in SETTINGS.items())
    yield from facts(given)


if __name__ == "__main__":
    sys.stdout.buffer.write(os.fsencode("⏎".join(main(sys.argv[1:]))))
