"""One list of libraries: pyproject.toml to uv.lock to requirements.lock to environment.yml."""

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import evaluation
from evaluation.cli.doctor import PYTHONS, pins_of

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")


def minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def bounds() -> tuple[tuple[int, ...], tuple[int, ...]]:
    low, high = re.fullmatch(
        r">=([\d.]+),<([\d.]+)", PROJECT["project"]["requires-python"]
    ).groups()
    return minor(low), minor(high)


def test_conda_takes_its_libraries_from_the_lock_alone():
    pip = CONDA.split("- pip:", 1)[1].split()
    assert pip == ["-", "--require-hashes", "-", "-r", "requirements.lock"]
    listed = set(re.findall(r"^  - ([a-z]+)", CONDA.split("dependencies:")[1], re.MULTILINE))
    assert listed == {"python", "make", "pango", "git", "pip"}


def test_pip_takes_the_lock_as_it_is_and_asks_for_nothing_beside_it():
    """pip before 23.3 looked for a library with extras among all releases, hashed or not."""
    files = [ROOT / "tools" / "environment.sh", ROOT / "Dockerfile"]
    files += (ROOT / ".github" / "workflows").glob("*.yml")
    lines = [re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8")) for path in files]
    installs = re.findall(r"pip [^\n]*?install [^\n]*-r requirements\.lock", "\n".join(lines))
    assert len(installs) > 5
    assert [line for line in installs if "--no-deps" not in line] == []


def test_condas_python_is_one_that_the_project_supports():
    low, high = bounds()
    assert low <= minor(re.search(r"- python=([\d.]+)", CONDA)[1]) < high


def test_the_doctor_and_make_know_the_same_pythons():
    assert bounds() == PYTHONS
    script = (ROOT / "tools" / "make.py").read_text(encoding="utf-8")
    guard = re.search(r"\((\d+), (\d+)\) <= sys.version_info\[:2\] < \((\d+), (\d+)\)", script)
    numbers = tuple(int(part) for part in guard.groups())
    assert (numbers[:2], numbers[2:]) == bounds()


def test_every_declared_library_is_pinned_with_a_hash():
    pinned = {name.lower().replace("_", "-") for name, _, _ in pins_of(LOCK)}
    groups = PROJECT["dependency-groups"].values()
    declared = [*PROJECT["project"]["dependencies"], *(d for group in groups for d in group)]
    names = [re.match(r"[A-Za-z0-9._-]+", d)[0].lower() for d in declared if isinstance(d, str)]
    assert set(names) <= pinned
    blocks = re.split(r"^(?=[a-z])", LOCK, flags=re.MULTILINE)
    unhashed = [b.split("==")[0] for b in blocks if "==" in b and "--hash=sha256:" not in b]
    assert unhashed == []


def test_one_numeric_stack_on_all_pythons():
    # Without upper pins the lock forks by Python version, and so would the digits
    for name in ("numpy", "scipy", "pandas", "pyarrow", "statsmodels", "linearmodels"):
        assert len(re.findall(rf"^{name}==", LOCK, re.MULTILINE)) == 1, name


def test_the_version_is_the_same_wherever_it_stands():
    version = PROJECT["project"]["version"]
    assert evaluation.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_package_itself_imports_no_slow_library():
    # Every stage pays for this import; the slow ones belong to the stages that need them
    code = (
        "import sys, evaluation.__main__; "
        "print(*sorted({'pandas', 'scipy', 'matplotlib', 'statsmodels'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""


def test_pytest_markers_are_those_that_make_selects_by():
    markers = {m.split(":")[0] for m in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    selected = set(re.findall(r"not (\w+)", " ".join(re.findall(r'-m "([^"]+)"', makefile))))
    assert selected
    assert selected <= markers


def test_what_make_test_leaves_out_is_a_part_of_ci():
    """But for `long` and `faults`, which take hours."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", ".ci/parts.mk")]
    chosen = [each for text in texts for each in re.findall(r'-m "([^"]+)"', text)]
    assert len(chosen) == 4
    names = ("simulation", "pipeline", "built")
    for marks in itertools.product((False, True), repeat=len(names)):
        marked = {"long": False, "faults": False, **dict(zip(names, marks, strict=True))}
        assert any(eval(each, {}, marked) for each in chosen), marked  # noqa: S307
