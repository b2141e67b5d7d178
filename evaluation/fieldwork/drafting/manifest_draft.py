"""A manifest entry drafted from a delivered file, for a person to confirm line by line.

REQUIRES a file as delivered. CREATES the TOML text of its ``[[file]]`` entry: what can be counted
is written, what had to be guessed carries ``# seen:`` and its evidence, what only a person
knows is left as ``?``. No respondent's value is shown. Of a survey server's export the layout is
proposed with the evidence; the reader itself guesses nothing.
"""

import dataclasses
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from evaluation.config.decisions import is_open, written
from evaluation.config.file_layout import Export
from evaluation.config.manifest import RawFile
from evaluation.config.toml_writer import comment, table_of, value_text
from evaluation.data.findings import LINE
from evaluation.data.readers import archive, csv, dialect_evidence, spss, stata
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.readers.sheets import opened
from evaluation.data.readers.survey_export import member_of
from evaluation.data.readers.workbook import read_as_seen
from evaluation.data.readers.workbook_layout import DAMAGE
from evaluation.errors import DataError
from evaluation.fieldwork.drafting.archive_draft import (
    UNKNOWN,
    candidates,
    interviews,
    layout,
    repeated,
    review,
)

# columns that hold the version of the form, as servers and offices name them
VERSIONS = re.compile(
    r"(?:.*[/:-])?(formdef_version|form_?version|__version__|version)", re.IGNORECASE
)
VERSION = re.compile(r"[A-Za-z]{0,2}[\d._-]{1,20}", re.ASCII)
SHOWN = 5
NOTHING: Mapping[str, Any] = {}
# its name, value and comments
Key = tuple[str, Any, tuple[str, ...]]


@dataclasses.dataclass(slots=True, kw_only=True)
class DraftEntry:
    """Lines of one entry as they are collected."""

    lines: list[str]

    def put(self, key: str, value: Any, *notes: str) -> None:
        """One key, under its comments."""
        self.lines += [comment(note) for note in notes]
        self.lines.append(f"{key} = {written(value) if is_open(value) else value_text(value)}")

    def say(self, *notes: str) -> None:
        """Comments alone."""
        self.lines += [comment(note) for note in notes]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found in a file.

    Attributes
    ----------
    table : Delivered
        Its interviews.
    keys : sequence of Key
        Further keys of its entry, with their notes.
    rows : int
        Rows as delivered; those of ``table`` may be fewer once it is arranged.
    export : Export or None
        Its layout, where it is a survey server's export.
    export_notes : tuple of str
    repeats : mapping of member to DataFrame
        Repeats that are members of their own.
    """

    table: Delivered
    rows: int
    keys: Sequence[Key] = ()
    export: Export | None = None
    export_notes: tuple[str, ...] = ()
    repeats: Mapping[str, pd.DataFrame] = dataclasses.field(default_factory=dict)


def draft(path: str, data: bytes, *, taken: Iterable[str] = ()) -> tuple[str, str]:
    """Draft the manifest entry of one file.

    Parameters
    ----------
    path : str
        As the manifest is to name it, with ``/``; its ending tells the format.
    data : bytes
        The file.
    taken : iterable of str
        Ids that other entries have.

    Returns
    -------
    id : str
        Made of the file's name.
    text : str
        TOML of the entry; ``role`` and ``round`` are for a person to fill in.

    Raises
    ------
    DataError
        Another format, or a file that cannot be read at all.
    """
    name = _id(path, set(taken))
    return name, entry(path, data, examine(path, data), file_id=name)


def examine(path: str, data: bytes) -> Facts:
    """Read a file as its ending and its content suggest.

    Raises
    ------
    DataError
        Another format, or a file that cannot be read at all.
    """
    form = format_of(path)
    if form not in FACTS:
        raise DataError.of("format", "format", path, rule="format", formats=", ".join(FACTS))
    return FACTS[form](data, bare(path))


def entry(
    path: str, data: bytes, facts: Facts, *, file_id: str, known: Mapping[str, Any] = NOTHING
) -> str:
    """TOML of a file's entry.

    Parameters
    ----------
    path, data, facts
        As `examine` has them.
    file_id : str
        Id of the entry.
    known : mapping of key to value
        What a person has said already: ``role`` and ``round`` (None for none), what goes into
        ``ignore_columns``, each with its reason, and ``same_as``.
    """
    lines = DraftEntry(lines=["[[file]]"])
    lines.put("id", file_id, *([] if known else ["seen: from the file's name"]))
    lines.put("path", path, *([] if known else ["seen: relative to the study's raw folder"]))
    _placed(lines, known)
    lines.put("format", format_of(path))
    lines.put("sha256", hashlib.sha256(data).hexdigest())
    lines.put("rows", facts.rows, "seen: compare with what the office counts")
    asked = ["fill in: who delivered the file and from which system"]
    lines.put("origin", UNKNOWN, *([] if known else asked))
    for key, value, notes in facts.keys:
        lines.put(key, value, *notes)
    if facts.export is not None:
        lines.put("export", table_of(facts.export), *facts.export_notes)
    _versions(facts.table.frame, lines)
    _columns(facts.table.frame, lines, known.get("ignore_columns", {}))
    if known.get("same_as"):
        note = "seen: it says what the frame says; where it differs, reading stops"
        lines.put("same_as", known["same_as"], note)
    lines.say(*_findings(facts.table))
    return "\n".join(lines.lines) + "\n"


def _placed(entry: DraftEntry, known: Mapping[str, Any]) -> None:
    """Role and round, as far as they are known."""
    if "role" in known:
        entry.put("role", known["role"])
        if known["folder"] == "config":
            entry.put("folder", "config", "made of the interviews, as nobody delivered a list")
        if known["round"] is not None:
            entry.put("round", known["round"])
        return
    roles = "baseline, midline, endline, frame, analysis, series or published"
    entry.put("role", UNKNOWN, f"fill in: {roles}")
    entry.put("round", UNKNOWN, "fill in the round's id; take the line away for other roles")


def format_of(path: str) -> str:
    """Ending of a file's name, which names its format."""
    return path.rpartition(".")[2].lower()


def bare(path: str, *, export: Export | None = None) -> RawFile:
    """An entry that reading needs, before a person has written it.

    Parameters
    ----------
    path : str
        Its ending tells the format.
    export : Export or None
    """
    return RawFile(
        id="draft",
        path=path,
        role="analysis",
        format=format_of(path),
        sha256="",
        rows=0,
        origin="",
        export=export,
    )


def _id(path: str, taken: set[str]) -> str:
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "file"
    name = name if name[0].isalpha() else f"file_{name}"
    numbered = (f"{name}_{i}" for i in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _csv(data: bytes, file: RawFile) -> Facts:
    found = dialect_evidence.examine_bytes(data, where=file.path)
    frame, findings = csv.read(data, dataclasses.replace(file, dialect=found.dialect))
    judged, notes = review(frame)
    return Facts(
        table=Delivered(frame=frame, findings=findings),
        rows=len(frame),
        keys=[_guessed("dialect", found.guesses)],
        export=Export(review=judged) if judged else None,
        export_notes=tuple(notes),
    )


def _guessed(key: str, guesses: Mapping[str, dialect_evidence.Guess]) -> Key:
    notes = tuple(
        f"seen: {name} {value_text(guess.value)}: {guess.evidence}"
        for name, guess in guesses.items()
    )
    return key, {name: guess.value for name, guess in guesses.items()}, notes


def _binary(data: bytes, file: RawFile) -> Facts:
    """Stata and SPSS files: tried as they are, then with encodings that a person has to confirm."""
    reader = {"dta": stata.read, "sav": spss.read}[file.format]
    try:
        table = reader(data, file)
        return Facts(table=table, rows=len(table.frame))
    except DataError as error:
        if error.rule != "encoding":
            raise
    table = reader(data, dataclasses.replace(file, encoding="cp1252"))
    note = "seen: the text is not in the encoding that the file declares; cp1252 reads it"
    return Facts(table=table, rows=len(table.frame), keys=[("encoding", "cp1252", (note,))])


def _workbook(data: bytes, file: RawFile) -> Facts:
    names = opened(data, file).visible
    visible = [name for name in names if names[name]]
    if not visible:
        raise DataError.of("no-visible-sheet", "no-visible-sheet", file.path, rule="sheet")
    table, guesses = read_as_seen(data, dataclasses.replace(file, sheet=visible[0]))
    note = f"seen: the first visible of {len(names)} sheets: {', '.join(map(repr, names))}"
    keys: list[Key] = [("sheet", visible[0], (note,))]
    keys += [_guessed("text_cells", guesses)] if guesses else []
    found = Facts(table=table, rows=len(table.frame), keys=keys)
    others = {name: _sheet_of_rows(data, file, name) for name in visible[1:]}
    repeats = repeated({name: frame for name, frame in others.items() if frame is not None})
    if not repeats:
        return found
    main = visible[0]
    export, notes = layout(main, {main: table.frame, **repeats}, ())
    spare = [name for name in visible[1:] if name not in repeats]
    notes += [f"seen: sheet {name!r} is not read: it does not repeat in {main!r}" for name in spare]
    return dataclasses.replace(
        found,
        export=dataclasses.replace(export, member=""),
        export_notes=tuple(notes),
        repeats=repeats,
    )


def _sheet_of_rows(data: bytes, file: RawFile, sheet: str) -> pd.DataFrame | None:
    """Another sheet as text; None where it is no table, such as a page of explanations."""
    try:
        return read_as_seen(data, dataclasses.replace(file, sheet=sheet))[0].frame
    except DataError:
        return None


def _zip(data: bytes, file: RawFile) -> Facts:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [name for name in package.namelist() if not name.endswith("/")]
    except DAMAGE:
        # what is wrong with it is its own reader's to say
        names = ["interviews.csv"]
    tried = candidates(names, file)
    content = archive.members(data, dataclasses.replace(file, export=tried))
    read = {name: _csv(text, member_of(file, name)) for name, text in content.items()}
    frames = {name: facts.table.frame for name, facts in read.items()}
    main = interviews(frames)
    export, notes = layout(main, frames, tried.ignore_members)
    dialect = next(key for key in read[main].keys if key[0] == "dialect")
    return Facts(
        table=read[main].table,
        rows=read[main].rows,
        keys=[dialect],
        export=export,
        export_notes=tuple(notes),
        repeats={name: frames[name] for name in frames if name != main},
    )


def _versions(frame: pd.DataFrame, entry: DraftEntry) -> None:
    """Form versions that occur. One is declared; several are for a person to judge."""
    for name in (str(n) for n in frame.columns if VERSIONS.fullmatch(str(n))):
        counts = Counter(frame[name].tolist())
        # a question may have such a name: only what looks like a version is shown
        seen = [f"{v!r} ({n})" for v, n in sorted(counts.items()) if VERSION.fullmatch(v)]
        more = f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else ""
        note = f"`{name}` has {', '.join(seen[:SHOWN]) or 'no version'}{more}"
        if len(counts) == 1 and seen:
            entry.put("form_version", next(iter(counts)), f"seen: {note}")
            return
        entry.say(f"seen: no form_version is declared: {note}")


def _columns(frame: pd.DataFrame, entry: DraftEntry, ignored: Mapping[str, str]) -> None:
    names = [str(name) for name in frame.columns if name != LINE]
    shown = ", ".join(names[:SHOWN])
    more = f" ... {names[-1]}" if len(names) > SHOWN else ""
    entry.say(f"{len(names)} columns: {shown}{more}")
    notes = [f"seen: {name} is left out: {reason}" for name, reason in ignored.items()]
    first = "columns that the dictionary leaves out on purpose"
    entry.put("ignore_columns", list(ignored), *(notes or [first]))


def _findings(table: Delivered) -> list[str]:
    """What reading has to say; a person sees it again with `read`."""
    counts = Counter((finding.severity, finding.rule) for finding in table.findings)
    return [
        f"reading reports: {rule} ({severity}, {n})"
        for (severity, rule), n in sorted(counts.items())
    ]


FACTS: Mapping[str, Callable[[bytes, RawFile], Facts]] = {
    "csv": _csv,
    "dta": _binary,
    "sav": _binary,
    "xls": _workbook,
    "xlsx": _workbook,
    "zip": _zip,
}
