"""What is installed with pip: the wheel holds all files, the core is small, extras are optional."""

import importlib.metadata
import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling import build

import evaluation
from tests.fixtures.wheel import built, call

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


@pytest.fixture
def wheel(site_packages):
    """The folder that the wheel is unpacked into, as pip does."""
    return site_packages


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


# what the books share, by its place in the repository; all else of a study is its own
SHARED = "evaluation/site/shared"
PARTS = (
    *("notebooks", "book/_config.yml", "book/_ext", "book/_print", "book/_static"),
    *("book/_templates", "book/common", "book/locale/es/common", "book/locale/es/translated.csv"),
)


def files(root, *parts):
    """Names of the files below some places of a folder."""
    paths = [path for part in parts for path in ((root / part), *(root / part).rglob("*"))]
    return {
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_what_books_share_and_nothing_else(wheel):
    package = files(ROOT, "evaluation", "evaluation_command.py")
    shared = {f"{SHARED}/{name}": (ROOT / name).read_bytes() for name in files(ROOT, *PARTS)}
    assert "evaluation/py.typed" in package
    assert {name.split("/")[3] for name in shared} == {"book", "notebooks"}
    held = {name for name in files(wheel, ".") if ".dist-info/" not in name}
    assert held == package | shared.keys()
    assert {name: (wheel / name).read_bytes() for name in shared} == shared
    # on an index "evaluation" is another project's
    (about,) = wheel.glob("*.dist-info")
    assert about.name.startswith("impact_evaluation-")


def test_the_source_archive_makes_the_same_wheel(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315532800")
    monkeypatch.chdir(ROOT)
    with tarfile.open(tmp_path / build.build_sdist(str(tmp_path))) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    one, two = built(ROOT, tmp_path / "one"), built(source, tmp_path / "two")
    assert zipfile.ZipFile(one).namelist() == zipfile.ZipFile(two).namelist()
    assert one.read_bytes() == two.read_bytes()


OTHER = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "evaluation"
version = "0.0.2"
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Wheels of this package and of another project that installs a package of the same name."""
    folder = tmp_path_factory.mktemp("wheels")
    source = folder / "source"
    (source / "evaluation").mkdir(parents=True)
    (source / "evaluation" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (source / "pyproject.toml").write_text(OTHER)
    return {"ours": built(ROOT, folder), "theirs": built(source, folder)}


@pytest.mark.parametrize("order", [("ours", "theirs"), ("theirs", "ours"), ("ours",)])
def test_the_command_starts_no_package_that_another_project_overwrote(wheels, tmp_path, order):
    target = tmp_path / "site"
    for name in order:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
             "--no-compile", "--disable-pip-version-check", "--upgrade", "--target", str(target),
             str(wheels[name])],
            check=True,
        )  # fmt: skip
    (script,) = (target / "bin").iterdir()
    assert script.name == "evaluation"
    empty = tmp_path / "empty"
    empty.mkdir()
    for language, uninstalled in (("en", "remove that one"), ("es", "quite esa")):
        found = subprocess.run(
            [sys.executable, str(script), "--version"],
            cwd=empty, env={"PYTHONPATH": str(target), "PATH": "", "EVAL_LANG": language},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if len(order) == 1:
            assert (found.returncode, found.stdout) == (
                0,
                f"impact-evaluation {evaluation.__version__}\n",
            )
            continue
        assert (found.returncode, found.stdout) == (1, "")
        assert uninstalled in found.stderr
        assert "    python -m pip uninstall evaluation\n" in found.stderr
        assert "    python -m pip install --force-reinstall --no-deps WHEEL" in found.stderr
        assert "imported" not in found.stderr


def test_the_command_runs_the_code_of_the_repository_in_the_repository(wheel, tmp_path):
    """An installed one may be of another version than the pages."""
    for name in ("evaluation_command.py", "evaluation"):
        (tmp_path / name).symlink_to(ROOT / name)
    code = "import evaluation_command as c, sys; sys.argv[1:] = ['--version']; sys.path.pop(0)\n"
    code += "try: c.main()\nfinally: print(sys.modules['evaluation'].__file__)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(wheel), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout.splitlines()[-1] == str(tmp_path / "evaluation" / "__init__.py")


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
    assert f"`{name}` works on a folder of studies" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_command_names_the_library_that_is_not_installed(wheel, tmp_path):
    (tmp_path / "config" / "trial").mkdir(parents=True)
    found = command(wheel, tmp_path, "book", "--study", "trial")
    assert found.returncode == 1
    assert 'pip install "FOLDER[book]"' in found.stderr
    assert "Traceback" not in found.stderr


def test_all_names_what_the_book_lacks_before_the_first_stage(wheel, tmp_path):
    (tmp_path / "config" / "trial").mkdir(parents=True)
    (tmp_path / "config" / "trial" / "study.toml").touch()
    found = command(wheel, tmp_path, "all")
    assert found.returncode == 1
    assert "all stopped: the library `statsmodels` is not installed" in found.stderr
    assert 'pip install "FOLDER[book]"' in found.stderr


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
    # there is no Makefile, and one study
    assert "next: python -m evaluation all --study trial; it stops" in found.stdout
    left = call(wheel, tmp_path, "all")
    assert left.returncode == 1
    assert "config/trial/plan.toml" in left.stderr
    assert "is left for a person to decide" in left.stderr


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
