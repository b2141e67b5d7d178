"""A manifest entry drafted from a delivered file, for a person to confirm line by line.

REQUIRES a file as delivered. CREATES the TOML text of its ``[[file]]`` entry: what can be counted
is written, what had to be guessed carries ``# confirm:`` and its evidence, what only a person
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
from dataclasses import replace
from typing import Any

import pandas as pd

from evaluation.data.findings import LINE
from evaluation.data.readers import archive, csv, dialect_evidence, spss, stata
from evaluation.data.readers.dialect_evidence import read_as_seen
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.readers.sheets import opened
from evaluation.data.readers.survey_export import member_of
from evaluation.data.readers.workbook_layout import DAMAGE
from evaluation.errors import DataError
from evaluation.study.file_layout import Export, Repeat, Review
from evaluation.study.manifest import RawFile
from evaluation.study.toml_writer import comment, table_of, value_text

# how servers name the parent in a repeat's file, and the key it points to
PARENTS = {"PARENT_KEY": "KEY", "_submission__uuid": "_uuid", "_parent_index": "_index"}
# how servers mark what the office refused
REVIEWS: Mapping[str, str] = {
    "review_status": "REJECTED",
    "ReviewState": "rejected",
    "_validation_status": "validation_status_not_approved",
}
UNKNOWN = "?"


def review(frame: pd.DataFrame) -> tuple[Review | None, list[str]]:
    """Declaration of refused submissions where a server's column is there, and its note."""
    for column, word in REVIEWS.items():
        if column in frame.columns:
            count = int((frame[column] == word).sum())
            note = f"confirm: {count} of {len(frame)} rows have {word!r} in `{column}`"
            return Review(column=column, rejected=(word,)), [note]
    return None, []


def candidates(names: Sequence[str], file: RawFile) -> Export:
    """The layout under which all tables of an archive can be read, before it is known which.

    Raises
    ------
    DataError
        The archive has no .csv member.
    """
    tables = [name for name in names if name.lower().endswith(".csv")]
    if not tables:
        raise DataError.of("archive", "archive", file.path, rule="archive")
    return Export(
        member=tables[0],
        repeat=tuple(Repeat(member=n, parent=UNKNOWN, key=UNKNOWN, most=1) for n in tables[1:]),
        ignore_members=_patterns(name for name in names if name not in tables),
    )


def _patterns(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({f"*.{n.rpartition('.')[2]}" if "." in n else n for n in names}))


def interviews(frames: Mapping[str, pd.DataFrame]) -> str:
    """Member of the interviews: the first that names no parent."""
    alone = (name for name, frame in frames.items() if _parent(frame) is None)
    return next(alone, next(iter(frames)))


def _parent(frame: pd.DataFrame) -> str | None:
    return next((name for name in PARENTS if name in frame.columns), None)


def layout(
    main: str, frames: Mapping[str, pd.DataFrame], ignored: tuple[str, ...]
) -> tuple[Export, list[str]]:
    """Propose the layout of an archive.

    Parameters
    ----------
    main : str
        Member of the interviews.
    frames : mapping of member to DataFrame
        All tables as text.
    ignored : tuple of str
        Patterns of the other members.

    Returns
    -------
    Export, list of str
        The layout, and a note with its evidence for each guess.
    """
    reviewed, reviews = review(frames[main])
    notes = [f"confirm: {main!r} holds the interviews: it names no parent", *reviews]
    repeats = []
    for name in (name for name in frames if name != main):
        repeat, rows = _repeat(name, frames[name]), len(frames[name])
        repeats.append(repeat)
        notes.append(
            f"confirm: repeat {name!r}: {rows} rows, at most {repeat.most} of one interview here;"
            " `most` is the form's own limit"
        )
    if ignored:
        notes.append(f"confirm: nobody uses the members {', '.join(ignored)}")
    names = [str(name) for name in frames[main].columns if name != LINE]
    marks = {mark: sum(mark in name for name in names) for mark in "/-:"}
    mark = max(marks, key=lambda each: marks[each])
    if marks[mark]:
        notes.append(
            f"confirm: {marks[mark]} of {len(names)} columns carry a group before {mark!r}"
        )
    groups: Any = f"drop {mark}" if marks[mark] else "keep"
    export = Export(member=main, ignore_members=ignored, groups=groups, review=reviewed)
    return replace(export, repeat=tuple(repeats)), notes


def _repeat(name: str, rows: pd.DataFrame) -> Repeat:
    parent = _parent(rows) or UNKNOWN
    most = int(rows[parent].value_counts().max()) if parent in PARENTS and len(rows) else 1
    return Repeat(member=name, parent=parent, key=PARENTS.get(parent, UNKNOWN), most=most)


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
class Entry:
    """Lines of one entry as they are collected."""

    lines: list[str]

    def put(self, key: str, value: Any, *notes: str) -> None:
        """One key, under its comments."""
        self.lines += [comment(note) for note in notes]
        self.lines.append(f"{key} = {value_text(value)}")

    def say(self, *notes: str) -> None:
        """Comments alone."""
        self.lines += [comment(note) for note in notes]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found in a file: its interviews, and further keys with their notes."""

    table: Delivered
    keys: Sequence[Key] = ()


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
    return FACTS[form](data, _bare(path, form))


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
        What a person has said already: ``role`` and ``round`` (None for none), and what goes into
        ``ignore_columns``, each with its reason.
    """
    lines = Entry(lines=["[[file]]"])
    lines.put("id", file_id, *([] if known else ["confirm: from the file's name"]))
    lines.put("path", path, "confirm: relative to the study's raw folder")
    _placed(lines, known)
    lines.put("format", format_of(path))
    lines.put("sha256", hashlib.sha256(data).hexdigest())
    lines.put("rows", len(facts.table.frame), "confirm: with what the office counts")
    lines.put("origin", UNKNOWN, "fill in: who delivered the file and from which system")
    for key, value, notes in facts.keys:
        lines.put(key, value, *notes)
    _versions(facts.table.frame, lines)
    _columns(facts.table.frame, lines, known.get("ignore_columns", {}))
    lines.say(*_findings(facts.table))
    return "\n".join(lines.lines) + "\n"


def _placed(entry: Entry, known: Mapping[str, Any]) -> None:
    """Role and round, as far as they are known."""
    if "role" in known:
        entry.put("role", known["role"])
        if known["round"] is not None:
            entry.put("round", known["round"])
        return
    roles = "baseline, midline, endline, frame, analysis, series or published"
    entry.put("role", UNKNOWN, f"fill in: {roles}")
    entry.put("round", UNKNOWN, "fill in the round's id; take the line away for other roles")


def format_of(path: str) -> str:
    """Ending of a file's name, which names its format."""
    return path.rpartition(".")[2].lower()


def _bare(path: str, form: Any, **declared: Any) -> RawFile:
    """An entry that reading needs, before a person has written it."""
    entry = RawFile(
        id="draft", path=path, role="analysis", format="csv", sha256="", rows=0, origin=""
    )
    return dataclasses.replace(entry, format=form, **declared)


def _id(path: str, taken: set[str]) -> str:
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "file"
    name = name if name[0].isalpha() else f"file_{name}"
    numbered = (f"{name}_{i}" for i in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _csv(data: bytes, file: RawFile) -> Facts:
    found = dialect_evidence.examine_bytes(data, where=file.path)
    frame, findings = csv.read(data, dataclasses.replace(file, dialect=found.dialect))
    return Facts(
        table=Delivered(frame=frame, findings=findings),
        keys=[_guessed("dialect", found.guesses), *_export(*review(frame))],
    )


def _guessed(key: str, guesses: Mapping[str, dialect_evidence.Guess]) -> Key:
    notes = tuple(
        f"confirm: {name} {value_text(guess.value)}: {guess.evidence}"
        for name, guess in guesses.items()
    )
    return key, {name: guess.value for name, guess in guesses.items()}, notes


def _export(review: Review | None, notes: Sequence[str]) -> list[Key]:
    return [("export", table_of(Export(review=review)), tuple(notes))] if review else []


def _binary(data: bytes, file: RawFile) -> Facts:
    """Stata and SPSS files: tried as they are, then with encodings that a person has to confirm."""
    reader = {"dta": stata.read, "sav": spss.read}[file.format]
    try:
        return Facts(table=reader(data, file))
    except DataError as error:
        if error.rule != "encoding":
            raise
    table = reader(data, dataclasses.replace(file, encoding="cp1252"))
    note = "confirm: the text is not in the encoding that the file declares; cp1252 reads it"
    return Facts(table=table, keys=[("encoding", "cp1252", (note,))])


def _workbook(data: bytes, file: RawFile) -> Facts:
    names = opened(data, file).visible
    visible = [name for name in names if names[name]]
    if not visible:
        raise DataError.of("no-visible-sheet", "no-visible-sheet", file.path, rule="sheet")
    table, guesses = read_as_seen(data, dataclasses.replace(file, sheet=visible[0]))
    note = f"confirm: the first visible of {len(names)} sheets: {', '.join(map(repr, names))}"
    keys = [("sheet", visible[0], (note,))]
    return Facts(table=table, keys=[*keys, _guessed("text_cells", guesses)] if guesses else keys)


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
    return Facts(table=read[main].table, keys=[dialect, ("export", table_of(export), tuple(notes))])


def _versions(frame: pd.DataFrame, entry: Entry) -> None:
    """Form versions that occur. One is declared; several are for a person to judge."""
    for name in (str(n) for n in frame.columns if VERSIONS.fullmatch(str(n))):
        counts = Counter(frame[name].tolist())
        # a question may have such a name: only what looks like a version is shown
        seen = [f"{v!r} ({n})" for v, n in sorted(counts.items()) if VERSION.fullmatch(v)]
        more = f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else ""
        note = f"`{name}` has {', '.join(seen[:SHOWN]) or 'no version'}{more}"
        if len(counts) == 1 and seen:
            entry.put("form_version", next(iter(counts)), f"confirm: {note}")
            return
        entry.say(f"confirm: no form_version is declared: {note}")


def _columns(frame: pd.DataFrame, entry: Entry, ignored: Mapping[str, str]) -> None:
    names = [str(name) for name in frame.columns if name != LINE]
    shown = ", ".join(names[:SHOWN])
    more = f" ... {names[-1]}" if len(names) > SHOWN else ""
    entry.say(f"{len(names)} columns: {shown}{more}")
    notes = [f"confirm: {name} is left out: {reason}" for name, reason in ignored.items()]
    first = "fill in: columns that the dictionary leaves out on purpose"
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
