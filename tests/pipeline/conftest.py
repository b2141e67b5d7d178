"""Copies of the tracked tree, and what a make in one of them needs to use this interpreter."""

import argparse
import dataclasses
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.fixtures.wheel import call
from tests.pipeline import schools
from tests.pipeline.release_build import small_build

ROOT = Path(__file__).resolve().parents[2]
# A space and a letter outside ASCII: what a folder on a person's machine looks like.
AWKWARD = "otra carpeta ñ"


def files_of_the_tree() -> list[str]:
    """Tracked files and those that would be, as git lists them; skips where git cannot.

    A downloaded archive is no checkout: nothing says there which files belong to the tree.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        absent("this folder is no git checkout, or there is no git")
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [name for name in names if (ROOT / name).is_file()]


def copy_tree(target: Path) -> Path:
    for name in files_of_the_tree():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    return target


def in_english(root: Path) -> Path:
    """The copy with a book in one language: the rules of the other are the same again."""
    study = root / "config" / "somos_comunidad" / "study.toml"
    text = study.read_text(encoding="utf-8")
    both = 'languages = ["en", "es"]\n'
    assert both in text
    study.write_text(text.replace(both, 'languages = ["en"]\n'), encoding="utf-8")
    return root


def surroundings() -> dict[str, str]:
    """Environment in which EVAL_ENV=active finds this interpreter, without an outer make's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "EVAL_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "EVAL_ENV": "active"}


def run_make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make in a folder; the test looks at status and output itself."""
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )


@functools.cache
def built_here(study: str, stage: str) -> Path:
    """This checkout, where make has nothing to do for a stage of a study; for tests marked `built`.

    What an earlier program left is not looked at: a failure where CI is true, else a skip.
    """
    if run_make("--question", stage, f"STUDY={study}").returncode:
        absent(f"{study} is not built from what lies here: run make STUDY={study}")
    return ROOT


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """A small finished build in the working folder, and options that publish it."""
    monkeypatch.chdir(tmp_path)
    return small_build(monkeypatch)


@pytest.fixture
def make() -> Callable[..., subprocess.CompletedProcess[str]]:
    return run_make


@functools.cache
def rules(study: str) -> dict[str, frozenset[str]]:
    """Prerequisites by target, as make itself understood them."""
    printed = run_make("--print-data-base", "--dry-run", f"STUDY={study}", "--question").stdout
    found = {}
    for line in printed.splitlines():
        target, colon, prerequisites = line.partition(": ")
        if colon and not line.startswith(("#", "\t", ".")) and "=" not in target:
            found[target] = frozenset(prerequisites.split(" | ")[0].split())
    return found


@dataclasses.dataclass(frozen=True)
class Build:
    """A whole build in a folder of its own.

    Attributes
    ----------
    root : Path
        Copy of the tree.
    output : str
        What make printed.
    bytes : dict of str to str
        Digest of every generated file when the build was done.
    writes : dict of str to int
        Writes that each stage made.
    """

    root: Path
    output: str
    bytes: dict[str, str]
    writes: dict[str, int]


def digests(root: Path) -> dict[str, str]:
    """Digest of every generated file by name, but for what is remembered of this place."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in ("build", "data_clean")
        for path in sorted((root / top).rglob("*"))
        if path.is_file() and path.name != "searched.json" and path.suffix != ".inputs"
    }


def touch(root: Path, name: str) -> None:
    """Make a file younger than what was made from it, which is computed though it is the same."""
    os.utime(root / name)
    for noted in root.glob("build/*/private/made/*.inputs"):
        noted.unlink()


def counting_make(root: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run make with an interpreter that counts writes and can die at one of them."""
    front = root.parent / "interpreter"
    front.mkdir(exist_ok=True)
    script = Path(__file__).with_name("counting.py")
    counted = f'[ "$1" != -m ] || set -- "{script}" "$@"'
    (front / "python").write_text(f'#!/bin/sh\n{counted}\nexec "{sys.executable}" "$@"\n')
    (front / "python").chmod(0o755)
    around = surroundings()
    around["PATH"] = f"{front}{os.pathsep}{around['PATH']}"
    return subprocess.run(
        ["make", *arguments],
        cwd=root,
        env={**around, **settings},
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def whole(root: Path, *words: str) -> Build:
    """What an undisturbed make of a copy of the tree leaves; its interpreter lies beside it."""
    counts = root.parent / "counts"
    counts.mkdir()
    finished = counting_make(root, *words, COUNTS=str(counts))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    writes = {path.name: int(path.read_text()) for path in counts.iterdir()}
    return Build(root, finished.stdout, digests(root), writes)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The default study, built in a folder with an awkward name."""
    return whole(in_english(copy_tree(tmp_path_factory.mktemp("whole") / AWKWARD)))


def with_pages(root: Path) -> Path:
    """A folder with the pages that the repository's books share, and with its chapters."""
    for name in files_of_the_tree():
        if name.startswith(("book/", "notebooks/")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    return root


@pytest.fixture(scope="session")
def pupils(tmp_path_factory: pytest.TempPathFactory, site_packages: Path) -> Path:
    """The small study's books, made by the installed package in a folder that held its files."""
    root = tmp_path_factory.mktemp("elsewhere")
    schools.drafted(root, PYTHONPATH=str(site_packages))
    done = call(site_packages, root, "all", HOME=str(root.parent))
    assert done.returncode == 0, done.stdout + done.stderr
    return root


LOCK = ("--registry", "none", "--endline-data-seen", "yes", "--note-en", "a", "--note-es", "b")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study as it may be released: its book written, in one language, and locked."""
    root = with_pages(tmp_path_factory.mktemp("written"))
    schools.drafted(root)
    schools.in_english(root)
    for page in (root / "book" / schools.STUDY).glob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(re.sub(r"\*A draft: [^*]*\*", "Written.", text), encoding="utf-8")
    study = ("--study", schools.STUDY, "--data-raw", "raw")
    schools.run(root, "lock", *study, *LOCK, "--anyway")
    schools.run(root, "all", *study)
    return root
