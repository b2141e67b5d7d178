"""`evaluation.read`: one delivered file, read strictly."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.api.given import marked
from evaluation.config.declared import read_files
from evaluation.config.dictionary import Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import Manifest, RawFile
from evaluation.config.study import LEDGER
from evaluation.config.toml_reader import convert
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import COLUMNS, parse_ledger
from evaluation.data.cleaning.parse import parse
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules.registry import cells
from evaluation.errors import DataError
from evaluation.estimation.parameters import SYNTHETIC
from evaluation.estimation.records import Finding
from evaluation.fieldwork.drafting import manifest_draft
from evaluation.file_content import parse_toml
from evaluation.locale.messages import message
from evaluation.report.terminal import FoundErrors
from evaluation.storage import disk

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
    corrections : str
        The study's list of corrections, which was applied; empty where the file is of no study.
    """

    path: str
    table: pd.DataFrame
    found: tuple[Finding, ...]
    assumed: Mapping[str, Any]
    corrections: str = ""

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
            fix = message("read-corrections.fix", ledger=self.corrections)
            fix = fix if self.corrections else message("read-errors.fix")
            raise FoundErrors(errors, where=self.path, path=".findings", fix=fix)
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

    Nothing is guessed about what a cell means: without a dictionary every cell stays text. Findings
    are those of the file and of each cell; what compares rows, rounds or the list of clusters
    (people twice, interviewers, design) is found by the study's stage ``clean`` alone.

    Parameters
    ----------
    path : str or Path
        The file; its ending names the format.
    dictionary : str or Path, optional
        Folder of a study, ``config/<study>``, whose dictionary says what each column means. Where
        it has a manifest, the file is read as that describes it, and corrected by the study's
        ``corrections.csv``.
    source : str
        Key under which the dictionary gives the file's columns, such as "baseline"; with a
        manifest, that of the file's name is taken without.

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
    given, folder = Path(path), Path(dictionary)
    data = disk.read_given(given)
    if dictionary and (folder / "manifest.toml").is_file():
        return _of_study(given, data, folder, source)
    facts = manifest_draft.examine(given.name, data)
    assumed = {key: value for key, value, _ in facts.keys}
    file = convert(RawFile, _entry(given.name, facts, source) | assumed, where=given.name)
    table = read_file(file, given)
    if not dictionary:
        kept = table.frame.rename(columns={LINE: "line"})
        return Read(given.name, kept, table.findings, assumed)
    known = _dictionary(folder, source)
    found = all_of_file(table, known)
    if _is_wrong(found):
        return Read(given.name, table.frame, found, assumed)
    return Read(given.name, *_parsed(drop_ignored(table), known, found), assumed)


def _of_study(given: Path, data: bytes, folder: Path, source: str) -> Read:
    """A file that a study's manifest describes, with the study's corrections."""
    study, manifest, known = read_files(folder)
    where = f"{folder.name}/{LEDGER}"
    file = _declared(given, manifest, folder, source)
    # a ledger is for one delivery: that of the bytes which are read
    file = replace(file, sha256=hashlib.sha256(data).hexdigest())
    table = read_file(file, given)
    found = all_of_file(table, known)
    if _is_wrong(found):
        return Read(given.name, table.frame, found, {}, where)
    table = drop_ignored(table)
    if study.panel is None:
        text = disk.read_configuration(folder / LEDGER, content=",".join(COLUMNS))
        ledger = parse_ledger(text, where)
        lines = tuple(e for e in ledger.corrections if e.round == file.source)
        own = known.variables[study.columns.respondent].raw
        ledger = replace(ledger, corrections=lines)
        (corrected,), misfits = apply([table], ledger, study, respondent=own)
        table, found = corrected.table, (*found, *misfits)
    frame, found = _parsed(table, known, found)
    mark = SYNTHETIC if study.synthetic else ""
    return Read(given.name, marked(frame, mark), found, {}, where)


def _declared(given: Path, manifest: Manifest, folder: Path, source: str) -> RawFile:
    """The one entry of a file in its study's manifest."""
    entries = [
        file
        for file in manifest.file
        if (file.source == source if source else Path(file.path).name == given.name)
    ]
    if len(entries) != 1:
        sources = ", ".join(dict.fromkeys(file.source for file in manifest.file))
        raise DataError.of(
            "no-entry",
            "no-source",
            f"{folder.name}/manifest.toml",
            name=given.name,
            sources=sources,
        )
    return entries[0]


def _is_wrong(found: tuple[Finding, ...]) -> bool:
    return any(finding.severity == "error" for finding in found)


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
    table: RawTable, known: Dictionary, found: tuple[Finding, ...]
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The clean frame, or the file's own where there are errors; and all findings."""
    values = parse(table, known)
    found = (*found, *cells(values, known))
    return table.frame if _is_wrong(found) else clean(values, known), found
