"""Which files of a build may leave the machine, and its tables as they are published."""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from evaluation.config.declared import read_declared
from evaluation.config.study import read_study
from evaluation.estimation.records import Provenance
from evaluation.file_content import csv_text
from evaluation.locale.messages import Message, message
from evaluation.release.digits import same_number
from evaluation.report.disclosure import coarse, has_persons, what_counts
from evaluation.report.formats import words
from evaluation.report.hidden_rows import Rules
from evaluation.report.record_disclosure import NOT_SHOWN
from evaluation.report.record_disclosure import released as released_records
from evaluation.report.record_set import FILES, OF_PANEL, Records, kind_of
from evaluation.storage import disk, made_files
from evaluation.storage.folders import PRINTED, Paths

# Records of aggregates that are published, by name. Clean data, findings and private/ name rows or
# places and stay.
PUBLISHED = (
    "estimates",
    "unavailable",
    "adjustments",
    "detectable",
    "chances",
    "diagnostics",
    "check_estimates",
    "differences",
    "check_unavailable",
    "check_diagnostics",
    "bounds",
    "covariates",
)
RECORDS = ("results.json", *(FILES[name] for name in PUBLISHED))
# What a study of type panel has of them.
RECORDS_OF_PANEL = ("results.json", *(FILES[name] for name in PUBLISHED if name in OF_PANEL))
# Tables that stay on the machine, where a comparison finds them beside the release's inputs. The
# exhibits show them with small cells withheld, which these files are not.
KEPT = ("levels.csv", "robustness_levels.csv", "balance.csv", "trends.csv")
FOLDERS = tuple(made_files.STAGE_OF)
NUMBERED = "numbers.json"
# Folder of the de-identified data in a release, which need a key that few hold.
PUBLIC = "public"
NUMBERS = (".csv", ".json")
COMMA_NUMBER = re.compile(r"\A(-?\d+),(\d+(?:e[+-]\d+)?)\Z")
FRACTION = re.compile(r"-?(?:\d+\.\d+(?:e[+-]?\d+)?|\d+e-\d+)")
WHOLE_NUMBER = re.compile(r"-?\d+(?:\.0*)?")
# Sums and sizes of pictures and workbooks, and of files that hold last bits.
OF_BYTES = ("sha256", "bytes")
# whether two cells say the same
Same = Callable[[str, str], bool]


def released(
    build: Path, languages: Sequence[str], *, printed: Collection[str], panel: bool = False
) -> Iterator[tuple[str, Path]]:
    """Name in the release and path in the build, sorted, of every file that was built.

    Parameters
    ----------
    build : Path
        Folder of the study's results.
    languages : sequence of str
        Of the book.
    printed : collection of str
        Languages whose prints are of the pages that are there now; the others stay out.
    panel : bool
        Whether the study is of type panel.
    """
    for name in sorted(RECORDS_OF_PANEL if panel else RECORDS):
        yield name, build / name
    for language in languages:
        yield f"{language}/{NUMBERED}", build / language / NUMBERED
        if language in printed:
            yield from ((f"{language}/{name}", build / language / name) for name in PRINTED)
        for folder in FOLDERS:
            for path in sorted((build / language / folder).rglob("*")):
                if path.is_file():
                    yield path.relative_to(build).as_posix(), path


def may_lack(name: str) -> bool:
    """Whether a machine may lack a file of a release: it has no Pango, or no key of the data."""
    return name.rpartition("/")[2] in PRINTED or name.startswith(f"{PUBLIC}/")


def cells_of(name: str, data: bytes) -> list[str]:
    """Cells of a table of a release, without its head; none of another file."""
    if not name.endswith(".csv"):
        return []
    return [cell for row in _rows(data.decode("utf-8-sig"))[1:] for cell in row]


def difference(name: str, ours: bytes, theirs: bytes, same: Same = same_number) -> Message | None:
    """Say in words how two versions of a file differ; None where they agree.

    Parameters
    ----------
    name : str
        File name; CSV and JSON are compared number by number.
    ours, theirs : bytes
        The two contents.
    same : callable
        Compares two cells, ours first.
    """
    if ours == theirs:
        return None
    suffix = Path(name).suffix
    if suffix == ".csv":
        return _tables(ours.decode("utf-8-sig"), theirs.decode("utf-8-sig"), same)
    if suffix == ".json":
        return _values(json.loads(ours), json.loads(theirs), "", same)
    return message("release.bytes")


def _tables(ours: str, theirs: str, same: Same) -> Message | None:
    left, right = _rows(ours), _rows(theirs)
    if len(left) != len(right) or left[:1] != right[:1]:
        return message("release.lines", ours=len(left), theirs=len(right))
    for line, (row, other) in enumerate(zip(left, right, strict=True), start=1):
        if len(row) != len(other):
            return message("release.cells", line=line)
        for column, cell, there in zip(left[0], row, other, strict=True):
            if column not in OF_BYTES and not same(cell, there):
                return message("release.cell", line=line, column=column, here=cell, there=there)
    return None


def _rows(text: str) -> list[list[str]]:
    """Cells of a table; where they stand between semicolons, decimals stand behind a comma."""
    spanish = words.SEPARATORS["es"]
    if spanish not in text.partition("\n")[0]:
        return _cells(text)
    rows = _cells(text, spanish)
    return [[COMMA_NUMBER.sub(r"\1.\2", cell) for cell in row] for row in rows]


def _cells(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator))


def _values(ours: Any, theirs: Any, key: str, same: Same) -> Message | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() != theirs.keys():
            return message("release.keys", key=key)
        parts = [(ours[k], theirs[k], f"{key}.{k}") for k in ours if k not in OF_BYTES]
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return message("release.length", key=key)
        parts = [(a, b, f"{key}[{i}]") for i, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    else:
        parts = []
    if isinstance(ours, dict | list) and type(ours) is type(theirs):
        return next(filter(None, (_values(*part, same) for part in parts)), None)
    if same(str(ours), str(theirs)):
        return None
    return message("release.value", key=key.lstrip("."), here=ours, there=theirs)


# Tables whose rows are of people, with their name among the records. What is decided of one may
# rest on another, so that all that a build has are read. In any other table every column that
# counts people or places is withheld whole, and every whole number of which nobody says what it is.
TABLES = {
    FILES[name]: name
    for name in ("levels", *PUBLISHED)
    if name not in ("unavailable", "chances", "check_unavailable", "covariates")
}


def published(
    files: Iterable[tuple[str, Path]], paths: Paths, *, exact: bool = False
) -> dict[str, bytes]:
    """Content of every file of a release, by its name there.

    Parameters
    ----------
    files : iterable of (str, Path)
        Name in the release and path in the build.
    paths : Paths
        Folders of the study.
    exact : bool
        Whether fractions keep all digits: to be compared with a release, never to leave.
    """
    found = {name: disk.read_bytes(path) for name, path in files}
    if not any(name in found for name in TABLES):
        return found
    study, dictionary, preregistration = read_declared(paths.config)
    read: dict[str, Any] = {
        name: disk.read_records(paths.build / file, kind_of(name))
        for file, name in TABLES.items()
        if (paths.build / file).is_file()
    }
    nowhere = Provenance(study=study.id, plan_hash="", data_hash="", version="")
    rules = Rules(plan=preregistration.plan, study=study, variables=dictionary.variables)
    changed = released_records(Records(provenance=nowhere, **read), rules)
    for name, data in found.items():
        if name.endswith(".csv") and "/" not in name:
            rows = changed.get(TABLES.get(name, ""))
            found[name] = withheld_columns(data) if rows is None else rewritten(data, rows)
            if has_persons(study) and not exact:
                found[name] = in_few_digits(found[name])
    return found


def in_few_digits(data: bytes) -> bytes:
    """A table of records with its fractions to the digits that estimates of real persons have.

    Parameters
    ----------
    data : bytes
        CSV with one header line. Whole numbers, sums, dates and words are as they are.
    """
    rows = _cells(data.decode("utf-8"))
    for row in rows[1:]:
        row[:] = [f"{coarse(float(c))!r}" if FRACTION.fullmatch(c) else c for c in row]
    return csv_text(rows).encode("utf-8")


def withheld_columns(data: bytes) -> bytes:
    """A table that nobody described, without its counts of people, places or nobody knows what."""
    rows = _cells(data.decode("utf-8"))
    head, body = (rows[0], rows[1:]) if rows else ([], [])
    gone = [
        name
        for i, name in enumerate(head)
        if (of := what_counts("", column=name, row="")) not in ("things", None)
        or (of is None and _are_counts([row[i] for row in body]))
    ]
    return rewritten(data, [dict.fromkeys(gone, NOT_SHOWN)] * len(body)) if gone else data


def _are_counts(cells: Sequence[str]) -> bool:
    """Whether a column's cells, as far as they are filled, are whole numbers."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(WHOLE_NUMBER.fullmatch(cell) for cell in filled)


def rewritten(data: bytes, changed: Iterable[Mapping[str, str]]) -> bytes:
    """A table with some fields of each row written otherwise, all else to the byte.

    Parameters
    ----------
    data : bytes
        CSV with one header line.
    changed : iterable of mapping of str to str
        Text by column, for each row; columns that the table lacks are passed over.
    """
    rows = _cells(data.decode("utf-8"))
    before = [list(row) for row in rows]
    for row, texts in zip(rows[1:], changed, strict=True):
        for name, text in texts.items():
            if name in rows[0]:
                row[rows[0].index(name)] = text
    return data if rows == before else csv_text(rows).encode("utf-8")


def checksums(paths: Paths) -> list[dict[str, str]]:
    """Name and SHA-256 of every result table of a release.

    Sums are those of the tables as they are published, without the levels of small cells: a sum
    over a withheld number could be tried against all numbers that it might be.
    """
    is_panel = read_study(paths.config).panel is not None
    names = sorted(RECORDS_OF_PANEL if is_panel else RECORDS)
    found = published(((name, paths.build / name) for name in names), paths)
    return [
        {"name": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in found.items()
    ]


SUMS_OF_BOOK = "/site/files/checksums.csv"


def wrong_sums(files: Mapping[str, bytes]) -> list[str]:
    """Files whose sum, in the list that a book offers, is not that of the release's own file.

    Parameters
    ----------
    files : mapping
        Content by name in the release.
    """
    found = []
    for listed, data in files.items():
        if not listed.endswith(SUMS_OF_BOOK):
            continue
        site = listed.removesuffix(SUMS_OF_BOOK) + "/site/"
        for name, digest, *_ in _rows(data.decode("utf-8-sig"))[1:]:
            path = name.removeprefix("results/") if name.startswith("results/") else site + name
            if path not in files or hashlib.sha256(files[path]).hexdigest() != digest:
                found.append(path)
    return found
