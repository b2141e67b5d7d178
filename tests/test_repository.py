"""Workflows and papers of the repository: pinned, asked for no more than needed, and true."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
USES = re.compile(r"^\s*-?\s*uses: (\S+)(.*)$", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PAPERS = ("CONTRIBUTING.md", "SECURITY.md", "README.md", "Dockerfile")


def read(path):
    return yaml.safe_load(path.read_text("utf-8"))


def test_there_are_workflows_for_changes_pages_nights_and_releases():
    assert [p.stem for p in WORKFLOWS] == ["ci", "nightly", "pages", "release"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_actions_are_pinned_to_a_commit_with_its_version(path):
    found = USES.findall(path.read_text("utf-8"))
    assert found
    for action, comment in found:
        assert PINNED.fullmatch(action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_one_action_has_one_commit_everywhere():
    pins = {}
    for path in WORKFLOWS:
        for action, comment in USES.findall(path.read_text("utf-8")):
            name, _, commit = action.partition("@")
            pins.setdefault(name, set()).add((commit, comment))
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_a_job_may_do_what_it_says_and_nothing_else(path):
    workflow = read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"], name
        assert job["timeout-minutes"] <= 180, name
        checkouts = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]
        assert all(s["with"]["persist-credentials"] is False for s in checkouts), name


def test_the_matrix_is_what_the_project_supports():
    jobs = read(FOLDER / "ci.yml")["jobs"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    expected = [f"3.{k}" for k in range(int(low), int(high))]
    assert jobs["test"]["strategy"]["matrix"]["python"] == expected
    systems = {name.partition("-")[0] for name in jobs["test"]["strategy"]["matrix"]["system"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert jobs["next"]["continue-on-error"] is True


def test_a_library_that_the_nightly_tests_install_may_not_be_missing_there():
    steps = read(FOLDER / "nightly.yml")["jobs"]["tests"]["steps"]
    (tests,) = [step for step in steps if step.get("run") == "make test-all"]
    assert any("tests/api/spark.lock" in step.get("run", "") for step in steps)
    assert tests["env"]["EVAL_MUST_HAVE"] == "pyspark"


def commands():
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)


def test_every_target_of_make_that_is_named_exists():
    texts = [*commands(), *((ROOT / name).read_text("utf-8") for name in PAPERS)]
    lines = "\n".join(texts)
    named = set(
        re.findall(r"(?:^|`|&& |active )make (?:--question )?([a-z][a-z-]+)", lines, re.MULTILINE)
    )
    targets = set(re.findall(r"^([a-z][a-z-]+):", MAKEFILE, re.MULTILINE))
    assert {"check", "test", "test-all", "reproduce", "software", "book"} <= named
    assert named - targets == {"the"} & named


def test_files_that_papers_name_exist():
    for name in ("CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / name).read_text("utf-8")
        paths = re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|toml|lock|po|cff))`", text)
        for path in paths:
            there = [p for p in ROOT.rglob(Path(path).name) if p.as_posix().endswith(path)]
            assert there or path == "SHA256SUMS", path


def test_every_markers_expression_of_the_workflows_is_known():
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    known = {m.split(":")[0] for m in markers["tool"]["pytest"]["ini_options"]["markers"]}
    used = {name for text in commands() for name in re.findall(r"not (\w+)", text)}
    assert used
    assert used <= known


def test_the_lines_that_the_wheel_job_runs_are_those_of_the_readme(tmp_path):
    """As the job has it: the first block of Python in the README, in an empty folder."""
    (line,) = [t for text in commands() for t in text.splitlines() if 'README.md", enc' in t]
    (tmp_path / "README.md").write_bytes((ROOT / "README.md").read_bytes())
    code = re.fullmatch(r"python -c '(.*)'", line.strip())[1]
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "SYNTHETIC" in found.stdout


def test_hooks_run_what_is_installed():
    for repo in read(ROOT / ".pre-commit-config.yaml")["repos"]:
        assert repo["repo"] == "local"
        assert {hook["language"] for hook in repo["hooks"]} == {"system"}


def test_dependabot_looks_at_actions_and_libraries():
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"github-actions", "uv"}


def test_a_release_needs_its_day_and_its_version():
    run = subprocess.run(
        [sys.executable, "-m", "tools.release", "--tag", "v999.0.0", "--out", "/nowhere/at/all"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "make them agree" in run.stderr


def test_a_release_is_the_same_bytes_twice_with_sums_and_a_bill(tmp_path):
    for name in ("one", "two"):
        subprocess.run(
            [sys.executable, "-m", "tools.release", "--out", str(tmp_path / name)],
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
    files = {p.name: p.read_bytes() for p in (tmp_path / "one").iterdir()}
    assert files == {p.name: p.read_bytes() for p in (tmp_path / "two").iterdir()}
    assert len(files) == 4
    assert b'"numpy"' in files["sbom.cdx.json"]
    sums = files["SHA256SUMS"].decode()
    assert set(re.findall(r"  (.+)\n", sums)) == set(files) - {"SHA256SUMS"}
