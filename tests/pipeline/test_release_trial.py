"""Each class of file that a later stage copies or reads, changed under its old time stamp.

The next stage runs, the file is put back, and a release is written: it is refused, or it has the
right bytes, every time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import schools
from tests.pipeline.conftest import ROOT, digests, with_pages

pytestmark = pytest.mark.pipeline

BUILD, CLEAN = f"build/{schools.STUDY}", f"data_clean/{schools.STUDY}"
EXHIBITS = f"{BUILD}/en/exhibits"
# a pattern of the file, and the stage that reads it
CLASSES = {
    f"{BUILD}/provenance.json": "clean",
    f"{BUILD}/private/raw/*.parquet": "clean",
    f"{CLEAN}/panel.parquet": "estimate",
    f"{CLEAN}/frame.parquet": "robustness",
    f"{BUILD}/results.json": "exhibits",
    f"{BUILD}/estimates.csv": "exhibits",
    f"{BUILD}/robustness_estimates.csv": "exhibits",
    **{
        f"{EXHIBITS}/*.{kind}": "book"
        for kind in ("json", "svg", "png", "csv", "xlsx", "docx", "tex", "html", "md", "do", "R")
    },
    f"{BUILD}/en/numbers.json": "book",
    f"{BUILD}/en/notebooks/*.ipynb": "book",
}


def run(root: Path, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    options = ("--study", schools.STUDY, "--data-raw", "raw")
    return subprocess.run(
        [sys.executable, "-m", "evaluation", command, *options, *words],
        cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def changed(data: bytes) -> bytes:
    """Another digit where there is one, else another last byte."""
    for digit in range(1, 9):
        old, new = (b".%d" % digit, b".%d" % (digit + 1))
        if old in data:
            return data.replace(old, new, 1)
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.fixture(scope="module")
def root(pupils: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the build, and the repository's pages, from which its books are made again."""
    root = with_pages(shutil.copytree(pupils, tmp_path_factory.mktemp("trial") / "root"))
    again = run(root, "all")
    assert again.returncode == 0, again.stdout + again.stderr
    return root


@pytest.mark.parametrize("pattern", CLASSES)
def test_a_file_changed_under_its_old_time_reaches_no_release(root, pattern):
    before = digests(root)
    path = min(root.glob(pattern))
    data, stat = path.read_bytes(), path.stat()
    path.write_bytes(changed(data))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ran = run(root, CLASSES[pattern])
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert ran.returncode == 1, "the stage went on with a file that was edited"
    assert "not what the stage" in ran.stderr
    done = run(root, "publish", "--draft", "yes", "--dest", "../trial")
    made = {name: sum_ for name, sum_ in digests(root).items() if "private/" not in name}
    right = all(before[name] == sum_ for name, sum_ in made.items())
    assert done.returncode == 1 or right
    if done.returncode:
        # a stage takes its last result away before it begins: it makes the same again
        assert run(root, CLASSES[pattern]).returncode == 0
        assert run(root, "publish", "--draft", "yes", "--dest", "../trial").returncode == 0


CONFIG = f"config/{schools.STUDY}"
# what people write, by the stage that reads it; a comment or a letter is enough
BY_HAND = {
    "book": (
        f"{CONFIG}/exhibits.toml", "book/_config.yml", f"book/_toc.{schools.STUDY}.yml",
        f"book/{schools.STUDY}/index.md", "book/common/about.md", "book/_static/*.css",
        "book/_ext/*.py", "book/locale/es/common/*.po",
    ),
    "notebook": ("notebooks/main_results.ipynb",),
    "exhibits": (f"{CONFIG}/plan.toml", f"{CONFIG}/dictionary/*.toml", f"{CONFIG}/study.toml"),
}  # fmt: skip
REMARK = {".md": b"\nOne more sentence.\n", ".css": b"\np { color: red }\n", ".ipynb": b"\n"}
DRAFT = ("publish", "--draft", "yes", "--dest", "../trial")


@pytest.mark.parametrize("stage", BY_HAND)
def test_what_people_wrote_is_what_the_stage_was_made_from(root, stage):
    """Pages, translations, styles and settings, changed for one run and put back."""
    before = digests(root)
    paths = [min(root.glob(pattern)) for pattern in BY_HAND[stage]]
    kept = [(path, path.read_bytes(), path.stat()) for path in paths]
    for path, data, _ in kept:
        path.write_bytes(data + REMARK.get(path.suffix, b"\n# a remark\n"))
    ran = run(root, stage)
    for path, data, stat in kept:
        path.write_bytes(data)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert ran.returncode == 0, ran.stderr
    refused = run(root, *DRAFT)
    assert refused.returncode == 1
    assert "another version of this file" in refused.stderr
    told = run(root, "status").stdout
    names = [path.relative_to(root).as_posix() for path in paths]
    assert [name for name in names if f"{name} ({stage}-en)" not in told] == []
    for again in ("exhibits", "notebook", "book")[("exhibits", "notebook", "book").index(stage) :]:
        assert run(root, again).returncode == 0
    assert run(root, *DRAFT).returncode == 0
    made = {name: sum_ for name, sum_ in digests(root).items() if "private/" not in name}
    assert all(before[name] == sum_ for name, sum_ in made.items())


@pytest.mark.parametrize("name", ["exhibits/x.csv", "notebooks/x.ipynb", "site/x.html"])
def test_a_file_that_no_stage_wrote_does_not_leave(root, name):
    planted = root / BUILD / "en" / name
    planted.write_text("planted", encoding="utf-8")
    refused = run(root, *DRAFT)
    assert refused.returncode == 1
    assert "did not write this file" in refused.stderr
    assert f"written by no stage: {BUILD}/en/{name}" in run(root, "status").stdout
    planted.unlink()
    assert run(root, *DRAFT).returncode == 0


def test_a_list_of_sums_that_was_cut_protects_no_edited_page(root):
    listed = root / BUILD / "private" / "made" / "book-en.sha256"
    text = listed.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if "/site/about.html" not in line]
    assert len(kept) == text.count("\n") - 1
    listed.write_text("".join(kept), encoding="utf-8")
    page = root / BUILD / "en" / "site" / "about.html"
    data = page.read_bytes()
    page.write_bytes(changed(data))
    assert run(root, *DRAFT).returncode == 1
    page.write_bytes(data)
    listed.write_text(text, encoding="utf-8")
    assert run(root, *DRAFT).returncode == 0
