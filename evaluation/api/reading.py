"""`evaluation.read`: one delivered file, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import parse
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules.registry import cells
from evaluation.errors import DataError
from evaluation.fieldwork.drafting import manifest_draft
from evaluation.locale.messages import message
from evaluation.report.terminal import FoundErrors
from evaluation.storage import disk
from evaluation.study.dictionary import Dictionary
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding
from evaluation.study.toml_reader import convert, parse_toml

FINDING = ("severity", "rule", "line", "column", "problem", "fix")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Read:
    """A file as it was read.

    Attributes
    ----------
    path : str
    findings : DataFrame
        What was found: severity, rule, line, column, problem and fix.
    assumed : mapping of str to value
        How the file is written, as far as nobody has declared it: delimiter, decimal mark, sheet.
    """

    path: str
    table: pd.DataFrame
    found: tuple[Finding, ...]
    assumed: Mapping[str, Any]

    @property
    def frame(self) -> pd.DataFrame:
        """The clean frame: values and their missing kinds; without a dictionary every cell as text.

        Raises
        ------
        FoundErrors
            The file holds errors: numbers from it could be wrong.
        """
        errors = [one for one in self.found if one.severity == "error"]
        if errors:
            raise FoundErrors(errors, where=self.path, path="findings")
        return self.table

    @property
    def findings(self) -> pd.DataFrame:
        """Findings, one a row."""
        rows = [[str(getattr(one, name)) for name in FINDING] for one in self.found]
        return pd.DataFrame(rows, columns=list(FINDING))

    def __str__(self) -> str:
        errors = sum(one.severity == "error" for one in self.found)
        said = message("read.summary", path=self.path, rows=len(self.table), errors=errors)
        return "\n".join([str(said), *(self.findings.to_string(index=False),) * bool(self.found)])

    __repr__ = __str__


def read(path: str | Path, dictionary: str | Path = "", *, source: str = "") -> Read:
    r"""Read one CSV, Stata, SPSS or workbook file, or a zipped export, strictly.

    Nothing is guessed about what a cell means: without a dictionary every cell stays text.

    Parameters
    ----------
    path : str or Path
        The file; its ending names the format.
    dictionary : str or Path, optional
        Folder of a study, ``config/<study>``, whose dictionary says what each column means.
    source : str
        Key under which the dictionary gives the file's columns, such as "baseline".

    Returns
    -------
    Read
        ``.frame`` and ``.findings``.

    Raises
    ------
    DataError
        The file does not exist, has another format, or is damaged so that no rows can be told
        apart.
    SpecError
        The dictionary does not hold, or has no such source.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import evaluation as ev
    >>> path = pathlib.Path(tempfile.mkdtemp(), "answers.csv")
    >>> _ = path.write_text("id,trust\n007,4\n008,5\n", encoding="utf-8")
    >>> ev.read(path).frame["id"].tolist()
    ['007', '008']
    """
    given = Path(path)
    data = disk.read_given(given)
    facts = manifest_draft.examine(given.name, data)
    assumed = {key: value for key, value, _ in facts.keys}
    file = convert(RawFile, _entry(given.name, facts, source) | assumed, where=given.name)
    table = read_file(file, given)
    if not dictionary:
        kept = table.frame.rename(columns={LINE: "line"})
        return Read(given.name, kept, table.findings, assumed)
    known = _dictionary(Path(dictionary), source)
    found = all_of_file(table, known)
    if any(finding.severity == "error" for finding in found):
        return Read(given.name, table.frame, found, assumed)
    return _parsed(drop_ignored(table), known, found, assumed)


def _entry(name: str, facts: manifest_draft.Facts, source: str) -> dict[str, Any]:
    """What a manifest would say of the file."""
    return {
        "id": "given",
        "path": name,
        "role": "analysis",
        "layout": source,
        "format": manifest_draft.format_of(name),
        "sha256": "",
        "rows": len(facts.table.frame),
        "origin": "",
    }


def _dictionary(folder: Path, source: str) -> Dictionary:
    """The dictionary of a study's folder, which must know the source."""
    home = folder if (folder / "dictionary").is_dir() else folder.parent
    files = sorted((home / "dictionary").glob("*.toml"))
    if not files:
        raise DataError.of("no-dictionary", "no-dictionary", folder.as_posix())
    named = [
        key
        for path in files
        for variable in parse_toml(path)[1].get("variable", ())
        for key in variable.get("raw", {})
    ]
    sources = tuple(dict.fromkeys(named))
    if source not in sources:
        raise DataError.of(
            "no-source", "no-source", folder.as_posix(), source=source, sources=", ".join(sources)
        )
    return read_dictionary(home, sources)


def _parsed(
    table: RawTable, known: Dictionary, found: tuple[Finding, ...], assumed: Mapping[str, Any]
) -> Read:
    values = parse(table, known)
    found = (*found, *cells(values, known))
    wrong = any(finding.severity == "error" for finding in found)
    frame = table.frame if wrong else clean(values, known)
    return Read(table.file.path, frame, found, assumed)
