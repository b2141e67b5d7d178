"""Every wrong line of a study's configuration is one error that names file, key and fix."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.errors import SpecError
from evaluation.study.configuration import read_configuration
from evaluation.study.study import PART, read_study
from evaluation.study.toml_reader import Text

Spoil = Callable[[str, str, str], Path]
CONFIG = Path(__file__).parents[2] / "config"
NAMES = re.compile(r"[A-Z0-9][\w-]*(?: [A-Z0-9]\w*)*")

SPARE_FAMILY = """\
[[family]]
id = "spare"
label = { en = "Spare", es = "Sobra" }
question = { en = "None?", es = "¿Ninguna?" }
tier = "secondary"
correction = "none"

"""
SPARE_LIST = '[[missing]]\nid = "spare"\nrefused = ["97"]\n'
# file, text, its replacement, then what the message must name: file, key or id, fix
WRONG = {
    "unknown key, near one": (
        ("study.toml", "synthetic = true", "synthetic = true\nminimum_cel = 10"),
        ("tiny/study.toml", "minimum_cel", "did you mean `minimum_cell`?"),
    ),
    "unknown key in a nested table": (
        ("manifest.toml", 'decimal = "." }', 'decimal = ".", quote = "x" }'),
        ("tiny/manifest.toml", "file[0].dialect.quote", "allowed here"),
    ),
    "unknown key of the plan that the program fills itself": (
        ("plan.toml", "standardise", 'hash = "0"\nstandardise'),
        ("tiny/plan.toml", "hash", "remove it"),
    ),
    "pair for a source that nobody names": (
        (
            "study.toml",
            "synthetic = true",
            'synthetic = true\nsource = [{ en = "tets", es = "prueba" }]',
        ),
        ("tiny/study.toml", "source `tets`", "did you mean `test`?"),
    ),
    "missing key": (
        ("study.toml", 'citation = { en = "none", es = "ninguna" }\n', ""),
        ("tiny/study.toml", "citation", "add `citation`"),
    ),
    "text for a number": (
        ("manifest.toml", "rows = 24", 'rows = "24"'),
        ("tiny/manifest.toml", "file[0].rows", "write a whole number"),
    ),
    "true for a number": (
        ("manifest.toml", "rows = 24", "rows = true"),
        ("tiny/manifest.toml", "file[0].rows", "write a whole number"),
    ),
    "quoted date": (
        ("study.toml", "start = 2021-02-01", 'start = "2021-02-01"'),
        ("tiny/study.toml", "round[0].start", "write a date"),
    ),
    "code that is not quoted": (
        ("dictionary/tiny.toml", 'code = "1"', "code = 1"),
        ("tiny.toml", "codes[0].values[0].code", "write a quoted string"),
    ),
    "value outside the choices": (
        ("plan.toml", 'weights_kind = "rademacher"', 'weights_kind = "normal"'),
        ("tiny/plan.toml", "inference.weights_kind", "'rademacher'"),
    ),
    "key that stands twice": (
        ("study.toml", "synthetic = true", "synthetic = true\nsynthetic = false"),
        ("tiny/study.toml", "not valid TOML", "a key may appear only once"),
    ),
    "id that stands twice": (
        ("study.toml", 'id = "comparison"', 'id = "treated"'),
        ("tiny/study.toml", "arm id `treated`", "rename or remove one"),
    ),
    "round id that stands twice": (
        ("study.toml", 'id = "endline"', 'id = "baseline"'),
        ("tiny/study.toml", "round id `baseline`", "rename or remove one"),
    ),
    "code that stands twice": (
        ("dictionary/tiny.toml", 'code = "2"', 'code = "1"'),
        ("tiny.toml", "code in `trust_baseline`", "rename or remove one"),
    ),
    "raw column read twice": (
        ("dictionary/tiny.toml", 'baseline = "v1"', 'baseline = "t1"'),
        ("tiny/dictionary", "raw column of `baseline`", "rename or remove one"),
    ),
    "unused code list": (
        ("dictionary/tiny.toml", 'codes = "yes_no"\nmissing', 'codes = "no"\nmissing'),
        ("tiny.toml", "no", "yes_no"),
    ),
    "unused missing list": (
        ("dictionary/tiny.toml", "[[missing]]", SPARE_LIST + "[[missing]]"),
        ("tiny/dictionary", "missing list `spare` is unused", "remove it, or name it"),
    ),
    "rule about interviews for a date of the programme": (
        ("study.toml", 'affects = "treated only"', 'affects = "programme"'),
        ("tiny/study.toml", "event `suspension`: `affects` is", 'or rule = "none"'),
    ),
    "unused treatment": (
        ("study.toml", 'treatments = ["programme"]', "treatments = []"),
        ("tiny/study.toml", "treatment `programme` is unused", "name it in an arm"),
    ),
    "unused outcome": (
        ("plan.toml", 'families = ["trust"]', "families = []"),
        ("tiny/plan.toml", "outcome `trust_index` is unused", "let a specification name it"),
    ),
    "unused family": (
        ("plan.toml", "[[family]]", SPARE_FAMILY + "[[family]]"),
        ("tiny/plan.toml", "family `spare` is unused", "remove it"),
    ),
    "variable that is not declared": (
        ("plan.toml", 'name = "trust"', 'name = "trsut"'),
        ("tiny/plan.toml", "trsut", "did you mean `trust`?"),
    ),
    "round that is not declared": (
        ("plan.toml", 'contrast = ["baseline", "endline"]', 'contrast = ["baseline", "third"]'),
        ("tiny/plan.toml", "third", "declared"),
    ),
    "level in percent": (
        ("plan.toml", "level = 0.95", "level = 95"),
        ("tiny/plan.toml", "inference.level", "such as 0.95"),
    ),
    "fewer draws than the level needs": (
        ("plan.toml", "draws = 999", "draws = 18"),
        ("tiny/plan.toml", "inference.draws", "at least 19"),
    ),
    "secondary step that is no step": (
        ("plan.toml", 'status = "primary"', 'secondary_steps = ["cr2"]\nstatus = "primary"'),
        ("tiny/plan.toml", "specification.did_main.secondary_steps", "declared"),
    ),
    "outcome of an exhibit that is not declared": (
        ("exhibits.toml", '["trust_index"]', '["trust_indx"]'),
        ("tiny/exhibits.toml", "trust_indx", "did you mean `trust_index`?"),
    ),
    "illegal variable name": (
        ("dictionary/tiny.toml", 'name = "times"', 'name = "Times"'),
        ("tiny.toml", "Times", "a-z, 0-9"),
    ),
    "code that is an answer and missing": (
        ("dictionary/tiny.toml", 'dont_know = ["88"', 'dont_know = ["2"'),
        ("tiny.toml", "`trust` has 2 both as an answer and as missing", "take it out"),
    ),
    "code of two missing kinds": (
        ("dictionary/tiny.toml", 'refused = ["98"]', 'refused = ["88"]'),
        ("tiny.toml", "missing code in `survey`", "rename or remove one"),
    ),
    "range that is no number": (
        ("dictionary/tiny.toml", "range = [1, 60]", "range = [nan, nan]"),
        ("tiny.toml", "variable.times.range", "two numbers"),
    ),
    "component that no outcome serves": (
        (
            "study.toml",
            "[[round]]",
            '[[component]]\nid = "spare"\nlabel = { en = "S", es = "S" }\n\n[[round]]',
        ),
        ("tiny/plan.toml", "component `spare`", "name it in an outcome"),
    ),
    "range that is not two numbers": (
        ("dictionary/tiny.toml", "range = [1, 60]", "range = [60, 1]"),
        ("tiny.toml", "variable.times.range", "two numbers"),
    ),
    "rounds out of order": (
        ("study.toml", "start = 2024-10-01", "start = 2020-10-01"),
        ("tiny/study.toml", "order of time", "order the [[round]] tables"),
    ),
    "no comparison arm": (
        ("study.toml", "treatments = []", 'treatments = ["programme"]'),
        ("tiny/study.toml", "no comparison arm", "treatments = []"),
    ),
    "path that leaves its folder": (
        ("manifest.toml", 'path = "baseline.csv"', 'path = "../baseline.csv"'),
        ("tiny/manifest.toml", "file.baseline.path", "inside the folder"),
    ),
    "csv without a dialect": (
        ("manifest.toml", 'dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n', ""),
        ("tiny/manifest.toml", "file.baseline", "csv and zip files declare a dialect"),
    ),
    "role that is not its round's": (
        ("manifest.toml", 'role = "baseline"', 'role = "endline"'),
        ("tiny/manifest.toml", "file.baseline.role", "make the two agree"),
    ),
    "primary outcome without the effect that matters": (
        ("plan.toml", "smallest_effect = 0.1\n", ""),
        ("tiny/plan.toml", "outcome.trust_index", "add `smallest_effect`"),
    ),
    "more items needed than there are": (
        ("plan.toml", "minimum_items = 1", "minimum_items = 3"),
        ("tiny/plan.toml", "outcome.trust_index.minimum_items", "how many items"),
    ),
    "threshold without a use": (
        ("plan.toml", "scale = 100", "scale = 100\nthreshold = 1"),
        ("tiny/plan.toml", "outcome.victim_pp.threshold", "at_least and at_most only"),
    ),
    "share in percentage points": (
        ("plan.toml", "scale = 100\n", ""),
        ("tiny/plan.toml", "`outcome.victim_pp` is in percentage points", "write `scale = 100`"),
    ),
    "share in tenths": (
        ("plan.toml", "scale = 100\n", "scale = 10\n"),
        ("tiny/plan.toml", "its `scale` is 10", "write `scale = 100`"),
    ),
    "events of each person, a hundred of whom are spoken of": (
        (
            "plan.toml",
            '"percentage points"\nscale = 100\n',
            '"events per 100 adults"\n',
        ),
        ("tiny/plan.toml", "in events per 100 adults and its `scale` is 1", "write `scale = 100`"),
    ),
    "design column by its name in the file": (
        ("study.toml", 'respondent = "respondent"', 'respondent = "RESPONDENT"'),
        ("tiny/study.toml", "`columns.respondent` names variable", "did you mean `respondent`?"),
    ),
    "design column that nobody declared": (
        ("study.toml", 'arm = "arm"', 'arm = "arm"\nenumerator = "zzz"'),
        ("tiny/study.toml", "columns.enumerator", "declared: aliases, arm, "),
    ),
    "stratum that is an answer": (
        ("study.toml", 'arm = "arm"', 'arm = "arm"\nstratum = "trust"'),
        ("tiny/study.toml", "`columns.stratum` is `trust`", "`raw.frame`"),
    ),
    "no primary specification": (
        ("plan.toml", 'status = "primary"', 'status = "sensitivity"'),
        ("tiny/plan.toml", "primary specification", 'status = "primary"'),
    ),
    "exhibit id without its kind": (
        ("exhibits.toml", '"tbl-did-main"', '"did-main"'),
        ("tiny/exhibits.toml", "did-main", "tbl-"),
    ),
}


def test_the_smallest_study_is_accepted(folder: Path):
    configuration = read_configuration(folder)
    assert configuration.study.arms_without_any() == ("comparison",)
    assert configuration.study.arms_with("programme") == ("treated",)
    assert configuration.preregistration.plan.primary_specification().id == "did_main"


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_line_is_one_error_with_file_key_and_mend(spoil: Spoil, case: str):
    (name, old, new), (where, key, fix) = WRONG[case]
    folder = spoil(name, old, new)
    with pytest.raises(SpecError) as caught:
        read_configuration(folder)
    assert where in caught.value.where
    assert key in str(caught.value.problem)
    assert fix in str(caught.value.fix)
    assert str(folder) not in str(caught.value), "the message says where the project lies"


@pytest.mark.parametrize("name", ["study.toml", "manifest.toml", "plan.toml", "deviations.toml"])
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(SpecError, match="does not exist") as caught:
        read_configuration(folder)
    assert name in caught.value.where


def test_text_in_another_encoding_is_refused(folder: Path):
    path = folder / "study.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(SpecError, match="not UTF-8"):
        read_configuration(folder)


def test_a_folder_of_another_name_is_refused(folder: Path):
    moved = folder.rename(folder.with_name("other"))
    with pytest.raises(SpecError) as caught:
        read_configuration(moved)
    assert "`id` is 'tiny'" in str(caught.value.problem)


def test_a_source_is_put_into_words_whole_or_part_by_part() -> None:
    pairs = (
        Text(en="a survey", es="una encuesta"),
        Text(en="A, B and C", es="A, B y C"),
        Text(en="A", es="no"),
    )
    made = dataclasses.replace(read_study(CONFIG / "medellin"), source=pairs)
    assert made.source_in("a survey, P1, x", "es") == "una encuesta, P1, x"
    assert made.source_in("A, B and C", "es") == "A, B y C"
    assert made.source_in("a survey, P1", "en") == "a survey, P1"


@pytest.mark.parametrize("name", ["medellin", "somos_comunidad"])
def test_every_source_is_in_both_languages(name: str) -> None:
    """What no pair puts into Spanish is a name, a year or the number of a question."""
    made = read_configuration(CONFIG / name)
    said = {variable.source for variable in made.dictionary.variables.values()}
    said |= {entry.source for entry in made.preregistration.plan.specification}
    pairs = {text.en for text in made.study.source}
    parts = {part for source in said - pairs for part in source.split(PART)} - pairs - {""}
    assert parts
    assert [part for part in sorted(parts) if not NAMES.fullmatch(part)] == []
