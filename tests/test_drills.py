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

from tests.tables import text

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
    source=text(__file__, "drills/check.txt"),
    lines=(
        (
            "evaluation/config/check_kinds.py",
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
    use=text(__file__, "drills/check_used.txt"),
)
RULE = Drill(
    row="a rule for raw data",
    module="evaluation/data/rules/even_rounds.py",
    source=text(__file__, "drills/rule.txt"),
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
    source=text(__file__, "drills/reader.txt"),
    lines=(
        (
            "evaluation/config/manifest.py",
            "FORMATS: Mapping[str, tuple[str, ...]] = {",
            '    "bars": ("dialect",),',
        ),
    ),
    message=("bars-row.problem", "a row is too short", "una fila es demasiado corta"),
    use=text(__file__, "drills/reader_used.txt"),
)
TABLE = Drill(
    row="a table or figure",
    module="evaluation/report/tables/outcome_names.py",
    source=text(__file__, "drills/table.txt"),
    tests=("tests/test_registry.py",),
    lines=(("evaluation/config/exhibits.py", "TABLES = (", '    "outcome_names",'),),
    message=("column.outcome_names.name", "Outcome by name", "Resultado por su nombre"),
    use=text(__file__, "drills/table_used.txt"),
)
# what every drill uses: the tiny study
BEGINNING = text(__file__, "drills/beginning.txt")


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
def test_what_is_added_works(drill, tmp_path):
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
