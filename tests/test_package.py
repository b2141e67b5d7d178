"""What is installed with pip: the wheel holds all files, the core is small, extras are optional."""

import contextlib
import importlib.metadata
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from flit_core import buildapi

import evaluation

ROOT = Path(__file__).resolve().parent.parent
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
MOST = 24
ENGINE = (
    "evaluation.estimation.did",
    "evaluation.estimation.many_periods.event_study",
    "evaluation.data.readers.read",
    "evaluation.cli.new_study",
    "evaluation.cli.dictionary",
)


def core():
    """Names of the distributions that `pip install` brings, the package's own left out."""
    needs = {one["name"]: [d["name"] for d in one.get("dependencies", ())] for one in LOCK}
    found, open_names = set(), list(needs["impact-evaluation"])
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names += needs[name]
    return found


def others():
    """Import names of everything that is installed here and not in the core."""
    kept = {name.replace("-", "_") for name in core()}
    return sorted(
        top
        for top, owners in importlib.metadata.packages_distributions().items()
        if top.isidentifier()
        and not kept & {owner.lower().replace("-", "_") for owner in owners}
        and top not in {"evaluation", "pip"}
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The folder that the wheel is unpacked into, as pip does."""
    folder = tmp_path_factory.mktemp("wheel")
    with contextlib.chdir(ROOT):
        name = buildapi.build_wheel(str(folder))
    # on an index "evaluation" is another project's
    assert name.startswith("impact_evaluation-")
    zipfile.ZipFile(folder / name).extractall(folder / "site")
    return folder / "site"


def run(wheel, tmp_path, code):
    """A program in an empty folder, with the wheel and what the core brings."""
    begin = f"import sys; [sys.modules.__setitem__(n, None) for n in {others()!r}];"
    return subprocess.run(
        [sys.executable, "-c", begin + code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel), "PATH": "", "PYTHONSAFEPATH": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_core_is_small():
    assert len(core()) + 1 <= MOST
    assert not {"matplotlib", "sphinx", "jupyter-book", "linearmodels"} & core()


def test_the_wheel_holds_every_file_of_the_package(wheel):
    def files(root):
        return {
            path.relative_to(root).as_posix()
            for path in (root / "evaluation").rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    assert files(wheel) == files(ROOT)
    assert "evaluation/py.typed" in files(wheel)


@pytest.mark.parametrize("module", ENGINE)
def test_engine_readers_and_new_study_need_the_core_only(wheel, tmp_path, module):
    found = run(wheel, tmp_path, f"import {module} as m; print(m.__file__)")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith(str(wheel))


def command(wheel, tmp_path, *words):
    code = f"import evaluation.__main__ as m; sys.exit(m.piped({list(words)!r}))"
    return run(wheel, tmp_path, code)


@pytest.mark.parametrize("name", ["read", "power", "book", "audit", "doctor"])
def test_a_command_says_that_there_is_no_repository(wheel, tmp_path, name):
    found = command(wheel, tmp_path, name)
    assert found.returncode == 1
    assert f"`{name}` works on a repository of studies" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_command_names_the_library_that_is_not_installed(wheel, tmp_path):
    (tmp_path / "config" / "trial").mkdir(parents=True)
    found = command(wheel, tmp_path, "book", "--study", "trial")
    assert found.returncode == 1
    assert 'pip install "FOLDER[book]"' in found.stderr
    assert "Traceback" not in found.stderr


def test_new_study_drafts_one_in_an_empty_folder(wheel, tmp_path):
    for name in ("baseline", "endline"):
        rows = [f"{k},{k % 4},{k % 2},{k % 5 + 1}" for k in range(40)]
        text = "\n".join(["person,village,treated,trust", *rows, ""])
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    rows = ["village,arm", *(f"{k},{('control', 'program')[k % 2]}" for k in range(4)), ""]
    (tmp_path / "villages.csv").write_text("\n".join(rows), encoding="utf-8")
    given = [f"--{role}={role}.csv" for role in ("baseline", "endline")]
    given += ["--frame", "villages.csv", "--respondent", "person", "--cluster", "village"]
    found = command(wheel, tmp_path, "new-study", "trial", *given)
    assert "Traceback" not in found.stderr
    assert (tmp_path / "config" / "trial" / "study.toml").is_file(), found.stderr


def test_the_import_alone_loads_no_library(wheel, tmp_path):
    slow = ["numpy", "pandas", "scipy", "scipy.stats", "statsmodels", "matplotlib", "babel"]
    code = f"import json, evaluation; print(json.dumps([n for n in {slow!r} if n in sys.modules]))"
    found = subprocess.run(
        [sys.executable, "-c", "import sys;" + code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == []


def test_the_lines_of_the_readme_run_in_an_empty_folder(wheel, tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 5
    found = run(wheel, tmp_path, "\n" + code)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("[SYNTHETIC DATA")
    assert "wcr_s" in found.stdout


def test_the_readme_names_every_door_and_how_many_distributions_there_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in evaluation.__all__ if f"`ev.{name}(" not in text] == []
    assert f"{len(core()) + 1} distributions" in text
