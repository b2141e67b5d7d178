"""A check, a rule, a reader and a table are added as CONTRIBUTING.md says, and work.

Each drill copies package and tests to a temporary folder and writes there what its row of the table
in CONTRIBUTING.md names, and nothing else: one module, a line of each list, and one entry of each
catalogue. It uses what it added on the tests' small study, whose configuration gets one entry, and
runs the tests of the lists.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
COPIED = ("evaluation", "tests", "tools")
CATALOGUES = ("evaluation/locale/en.po", "evaluation/locale/es.po")
IN_BACKTICKS = re.compile(r"`([^`]+)`")


class Drill(NamedTuple):
    """What is added: a module, lines of lists behind others, a message, its use, and their tests.

    Attributes
    ----------
    row : str
        First cell of its row in CONTRIBUTING.md.
    """

    row: str
    module: str
    source: str
    lines: tuple[tuple[str, str, str], ...]
    message: tuple[str, str, str]
    use: str
    tests: tuple[str, ...] = ()


CHECK = Drill(
    row="a robustness check",
    module="evaluation/analysis/checks/without_beginning.py",
    source='''
"""The primary estimate without clusters whose id begins in some way."""

from collections.abc import Iterable

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import compared
from evaluation.locale.messages import message
from evaluation.estimation.row_keys import LeaveOut


@computes
def without_beginning(case: CheckContext) -> Iterable[Row]:
    """Leave out the clusters whose id begins with each of the check's values."""
    panel, key = case.frames.panel, case.study.columns.cluster
    for beginning in case.check.values:
        left = panel[key].astype(str).str.startswith(beginning)
        if left.any():
            yield from compared(case, case.design(panel[~left]), sample=LeaveOut(beginning))
        else:
            reason = message("without-beginning.reason", beginning=beginning)
            yield case.unavailable(reason, sample=LeaveOut(beginning))
''',
    lines=(
        (
            "evaluation/study/check_kinds.py",
            "KINDS: Mapping[str, CheckKind] = {",
            '    "without_beginning": CheckKind("shocks", "effect on fewer", needs=("values",)),',
        ),
        (
            "tests/analysis/checks/register.py",
            "REGISTER: Mapping[str, Checked] = {",
            (
                '    "without_beginning": Checked('
                'VALUE, {"values": ("v0",)}, compared("without:v0", *LINEAR)),'
            ),
        ),
    ),
    tests=(
        "tests/test_registry.py",
        "tests/analysis/checks/test_register.py",
        "-k=test_every or without_beginning",
    ),
    message=(
        "without-beginning.reason",
        "no cluster begins with {beginning}",
        "ningún conglomerado comienza con {beginning}",
    ),
    use='''
from tests.report import check_examples, examples
from tests.analysis.checks.outcome_checks import trial
from tests.estimation.studies import panel
from evaluation.report import builders
from evaluation.estimation.records import Difference, Estimate, Unavailable
from evaluation.analysis.checks.check_context import computes

tiny.edit("plan.toml", "[balance]", """[[check]]
id = "beginnings"
kind = "without_beginning"
label = { en = "Beginnings", es = "Comienzos" }
answers = { en = "It.", es = "Eso." }
values = ["v0"]
[balance]""")
read_configuration(tiny.config)
case = trial(panel(21, clusters=24, rows=12), "without_beginning", values=("v0", "w"))
rows = list(computes["without_beginning"](case))
(difference,) = (r for r in rows if isinstance(r, Difference))
(none,) = (r for r in rows if isinstance(r, Unavailable))
assert difference.sample.text() == "without:v0" and 0 < difference.n_clusters_treated < 12
check = replace(case.check, label=examples.both("Beginnings"), theme=None)
trust = next(o for o in examples.PLAN.outcome if o.id == "trust")
found = check_examples.difference(trust, check, (0.01, 0.02), "without:v0")
reason = check_examples.unavailable(trust, check, "all", str(none.reason), "without:w")
for language in ("en", "es"):
    source = check_examples.source(
        check, language=language, differences=(found,), check_unavailable=(reason,)
    )
    made = builders.build(examples.exhibit("robustness"), source)
    shown = {row.id: [cell.text for cell in row.cells] for row in made.rows}
    assert shown["looked-without_v0"][0].startswith(f"{check.label[language]}: ")
    nobody = wording("without-beginning.reason", language, beginning="w")
    assert any(nobody in text for text in shown["looked-without_w"]), shown
''',
)
RULE = Drill(
    row="a rule for raw data",
    module="evaluation/data/rules/even_rounds.py",
    source='''
"""Rounds of an even number of interviews."""

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule import Declared
from evaluation.estimation.records import Finding

EVEN_NUMBER = Rule("even-number", "info")


@of_round
def even_rounds(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Say of a round that its number of interviews is even."""
    return [] if len(parsed.lines) % 2 else [EVEN_NUMBER.about(parsed.file)]
''',
    lines=(("evaluation/data/rules/rule.py", "ROUND_RULES = (", '    "even_rounds",'),),
    message=("even-number.problem", "an even number", "un número par"),
    use="""
os.chdir(tiny.root)
tiny.run()
told = (tiny.build / "findings.csv").read_text("utf-8").splitlines()
assert sum("even-number" in line for line in told) == 2, told
""",
)
READER = Drill(
    row="a reader",
    module="evaluation/data/readers/bars.py",
    source='''
"""Files whose cells stand between bars."""

import pandas as pd

from evaluation.data.findings import LINE, Rule
from evaluation.data.readers.raw_table import Delivered, reads
from evaluation.study.manifest import RawFile

SHORT_ROW = Rule("ragged-row", "error", "bars-row", "bars-row")


@reads.named("bars")
def read(data: bytes, file: RawFile) -> Delivered:
    """Read cells between bars; a row that is too short is a finding."""
    header, *rows = (line.split("|") for line in data.decode().splitlines())
    whole = {n: row for n, row in enumerate(rows, start=2) if len(row) == len(header)}
    frame = pd.DataFrame(list(whole.values()), columns=header, dtype="str")
    findings = () if len(whole) == len(rows) else (SHORT_ROW.about(file),)
    return Delivered(frame=frame.assign(**{LINE: list(whole)}), findings=findings)
''',
    lines=(
        (
            "evaluation/study/manifest.py",
            "FORMATS: Mapping[str, tuple[str, ...]] = {",
            '    "bars": ("dialect",),',
        ),
    ),
    message=("bars-row.problem", "a row is too short", "una fila es demasiado corta"),
    use="""
from pathlib import Path
from evaluation.data.readers.read import read_file

tiny.edit("manifest.toml", \'format = "csv"\', \'format = "bars"\')
file = replace(read_configuration(tiny.config).manifest.file[0], rows=4)
path = Path("first.bars")
path.write_text("KEY|t1\\nk1|1\\nk2|2\\nk3|1\\nk4|88\\n")
table = read_file(file, path)
assert table.frame["t1"].tolist() == ["1", "2", "1", "88"] and table.findings == ()
path.write_text("KEY|t1\\nk1|1\\nk2\\n")
assert {f.rule for f in read_file(file, path).findings} == {"ragged-row", "row-count"}
# its own reader says what is wrong with a file, whatever the first bytes look like
path.write_bytes(b'{"KEY": 1}\\n1\\n')
assert "KEY" in str(read_file(replace(file, rows=1), path).frame.columns[0])
""",
)
TABLE = Drill(
    row="a table or figure",
    module="evaluation/report/tables/outcome_names.py",
    source='''
"""Names of outcomes."""

from evaluation.report.formats import table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit


@table.builds
def outcome_names(exhibit: Exhibit, source: Source) -> table.Table:
    """One row for each outcome."""
    return table_frame.table(
        exhibit,
        source,
        columns=("outcome", "name"),
        rows=(table.row(o.id, o.id, source.label(o.id)) for o in source.outcomes_of(exhibit)),
    )
''',
    tests=("tests/test_registry.py",),
    lines=(("evaluation/study/exhibits.py", "TABLES = (", '    "outcome_names",'),),
    message=("column.outcome_names.name", "Outcome by name", "Resultado por su nombre"),
    use="""
from tests.report import examples
from evaluation.report import builders

tiny.edit("exhibits.toml", \'builder = "effects"\', \'builder = "outcome_names"\')
exhibit = read_configuration(tiny.config).registry.exhibit[0]
exhibit = replace(exhibit, outcomes=())
for language in ("en", "es"):
    made = builders.build(exhibit, replace(examples.source(), language=language))
    assert made.columns[1].label == wording("column.outcome_names.name", language)
    assert [row.id for row in made.rows] == [o.id for o in examples.source().outcomes_of(exhibit)]
""",
)
# what every drill uses: the tiny study
BEGINNING = """
import os
from dataclasses import replace
from pathlib import Path
from evaluation.locale.messages import wording
from evaluation.study.configuration import read_configuration
from tests.fixtures.tiny import Tiny

Path("study").mkdir()
tiny = Tiny(Path("study").resolve())
tiny.write()
"""


def paths_of(row: str) -> list[str]:
    """Files and folders of the package and its tests that a row of CONTRIBUTING.md names."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {row} |"))
    return [path for path in IN_BACKTICKS.findall(line) if path.startswith(COPIED)]


def add(drill: Drill, root: Path) -> None:
    """Write what a drill adds to a copy of the repository."""
    for name in COPIED:
        kept = shutil.ignore_patterns("__pycache__", "*.csv") if name == "tests" else None
        shutil.copytree(ROOT / name, root / name, ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / drill.module).write_text(drill.source.lstrip(), encoding="utf-8")
    for name, behind, line in drill.lines:
        text = (root / name).read_text(encoding="utf-8")
        assert text.count(behind) == 1
        (root / name).write_text(text.replace(behind, f"{behind}\n{line}"), encoding="utf-8")
    identifier, *texts = drill.message
    for name, said in zip(CATALOGUES, texts, strict=True):
        with (root / name).open("a", encoding="utf-8") as file:
            for each in {identifier, identifier.replace(".problem", ".fix")}:
                file.write(f'\nmsgid "{each}"\nmsgstr "{said}"\n')


@pytest.mark.parametrize(
    "drill", [CHECK, RULE, READER, TABLE], ids=["check", "rule", "reader", "table"]
)
def test_what_is_added_works(drill: Drill, tmp_path: Path) -> None:
    add(drill, tmp_path)
    written = [f"{Path(drill.module).parent}/", *(name for name, _, _ in drill.lines)]
    # a figure has a folder of its own
    assert [path for path in paths_of(drill.row) if "figures/" not in path] == written
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    tests = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *drill.tests)
    for command in (("-c", BEGINNING + drill.use), *([tests] if drill.tests else ())):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
