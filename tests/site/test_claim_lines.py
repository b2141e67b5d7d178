"""Lines of the functions that claims name: read from the program, stopping where one is gone."""

import ast
import re
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError
from evaluation.site import saved_records
from tools import house

ROOT = Path(__file__).parents[2]
STUDIES = ("somos_comunidad", "medellin")
# what a registry imports by itself
REGISTERED = ("evaluation.analysis.checks.", "evaluation.report.")
QUOTED = re.compile(r"(?:tbl|fig)-[a-z0-9-]+")


def test_a_function_stands_at_its_line(tmp_path):
    (tmp_path / "part").mkdir()
    text = '"""Two functions."""\n\n\ndef first():\n    pass\n\n\ndef second():\n    pass\n'
    (tmp_path / "part" / "one.py").write_text(text, encoding="utf-8")
    found = saved_records.find_functions(
        ["part.one:second", "part.one:first"], where="x", program=tmp_path
    )
    assert found == {"part.one:first": 4, "part.one:second": 8}


@pytest.mark.parametrize("function", ["part.one:gone", "part.lost:first", "part.one"])
def test_a_function_that_is_not_there_stops(tmp_path, function):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.py").write_text("def first():\n    pass\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"does not have") as stopped:
        saved_records.find_functions([function], where="small/review.toml", program=tmp_path)
    assert "small/review.toml" in str(stopped.value)


@pytest.mark.parametrize("study", STUDIES)
def test_every_claim_of_a_study_has_its_lines(study):
    configuration = read_configuration(ROOT / "config" / study)
    found = saved_records.claim_lines(configuration)
    made = saved_records.makers(configuration)
    for claim in configuration.review.claim:
        assert made[claim.exhibit] in found
        assert all(name in found for name in claim.functions)
    for function, line in found.items():
        module, _, name = function.partition(":")
        path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        assert path.read_text(encoding="utf-8").splitlines()[line - 1].startswith(f"def {name}(")


@pytest.mark.parametrize("study", STUDIES)
def test_every_exhibit_that_the_summary_quotes_is_claimed(study):
    page = (ROOT / "book" / study / "index.md").read_text(encoding="utf-8")
    claimed = {c.exhibit for c in read_configuration(ROOT / "config" / study).review.claim}
    assert set(QUOTED.findall(page)) - claimed == set()


@pytest.mark.parametrize("study", STUDIES)
def test_a_claim_names_no_module_that_no_run_loads(study):
    """Only tests would import it: a reader would look for the number where it is not made."""
    paths = house.modules(ROOT)
    every = {
        name: list(ast.walk(ast.parse(path.read_text("utf-8")))) for name, path in paths.items()
    }
    loaded = {n for nodes in every.values() for n in house.imported(nodes, set(paths))}
    claims = read_configuration(ROOT / "config" / study).review.claim
    named = {f.partition(":")[0] for claim in claims for f in claim.functions}
    assert named
    assert {n for n in named - loaded if not n.startswith(REGISTERED)} == set()
