"""The ledger of the tiny study applied: what it refuses, and what it makes of the tables."""

import pytest

from evaluation.cli.stages import clean, stage_files
from evaluation.data.cleaning.corrections import Corrected, apply
from evaluation.data.cleaning.ledger import parse_ledger
from evaluation.data.readers.read import RawTable
from evaluation.errors import DataError
from evaluation.storage import folders
from tests.fixtures.tiny import Tiny


def refused(tiny: Tiny, *lines: str) -> list[tuple[int, str]]:
    """Line and problem of every entry of a ledger that could not be applied."""
    tiny.ledger = list(lines)
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    assert set(found["rule"]) == {"ledger"}
    assert set(found["file"]) == {"config/tiny/corrections.csv"}
    return list(zip(found["line"].astype(int), found["problem"], strict=True))


def delivered(inputs: clean.CleanInputs, paths: folders.Paths) -> tuple[RawTable, ...]:
    """The tables that a ledger may correct, as `read` left them."""
    files = (f for f in inputs.manifest.file if f.role not in stage_files.NOT_CORRECTED)
    return tuple(clean._raw(file, paths) for file in files)


def corrected(tiny: Tiny) -> dict[str, tuple[RawTable, Corrected]]:
    """What the ledger makes of the tables, by path, each beside the table as delivered."""
    tiny.write()
    tiny.run_read()
    paths = folders.Paths.of(tiny.options())
    inputs = clean._inputs(paths)
    tables = delivered(inputs, paths)
    respondent = inputs.dictionary.variables["respondent"].raw
    text = (tiny.config / "corrections.csv").read_text(encoding="utf-8")
    ledger = parse_ledger(text, "tiny/corrections.csv")
    results, problems = apply(tables, ledger, inputs.study, respondent=respondent)
    assert problems == ()
    return {old.file.path: (old, new) for old, new in zip(tables, results, strict=True)}
