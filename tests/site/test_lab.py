"""Each notebook runs alone in the folder in which JupyterLab opens it, after make."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from evaluation.site.assembly import chapters
from tests.conftest import absent
from tests.site.conftest import REPOSITORY

STUDY = "somos_comunidad"
CHAPTERS = chapters(REPOSITORY / "book" / f"_toc.{STUDY}.yml")


@pytest.fixture(scope="module")
def built() -> Path:
    """The exhibits of the default study; skips where they are not made, fails in CI."""
    exhibits = REPOSITORY / "build" / STUDY / "en" / "exhibits"
    if not (exhibits.parent / "numbers.json").is_file():
        absent(f"{STUDY} is not built here: run make")
    return exhibits


@pytest.mark.built
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_notebook_runs_alone_where_jupyterlab_starts_it(built, name):
    path = REPOSITORY / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    # a kernel starts in its notebook's folder; make lab sets these and nothing else
    settings = {"EVAL_STUDY": STUDY, "EVAL_LANG": "en", "PYTHONPATH": str(REPOSITORY)}
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", **settings})
    shown = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert shown
    assert [o for o in shown if o["output_type"] == "error"] == []
    assert [o.text for o in shown if o.get("name") == "stderr"] == []
