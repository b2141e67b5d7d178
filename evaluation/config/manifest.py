"""The manifest: which raw files there are, how each is laid out, and what they must contain.

SurveyCTO, ODK Central and KoBo write the same interview in different layouts, and which one is a
setting of the person who exports. A person declares it here; the reader verifies.
"""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluation.config.file_layout import (
    DateForm,
    Dialect,
    Drop,
    Export,
    RowsOf,
    SheetTable,
    TextCells,
)
from evaluation.config.study import Study
from evaluation.config.toml_reader import TomlFile, named, read

SURVEY_ROLES = ("baseline", "midline", "endline")
# Formats of files, each with the keys that it may have beside those of all.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "csv": ("dialect",),
    "dta": ("encoding",),
    "sav": ("encoding",),
    "xls": ("sheet", "text_cells", "table"),
    "xlsx": ("sheet", "text_cells", "table"),
    "zip": ("dialect",),
}
# formats whose text has a dialect; the others say themselves how they are written
DELIMITED = tuple(name for name, keys in FORMATS.items() if "dialect" in keys)
WORKBOOKS = tuple(name for name, keys in FORMATS.items() if "sheet" in keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameAs:
    """A column that tells once more what a variable of the frame says of each cluster.

    Attributes
    ----------
    column : str
        Raw column of the file; mostly one of ``ignore_columns``.
    variable : str
        Variable of the frame.
    values : dict of str to tuple of str
        By cell of the column, the values of the variable that it stands for. Without them the
        cells are the variable's own values.
    """

    column: str
    variable: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalColumn:
    """A column that looks like what identifies persons, and why the export still has it.

    Attributes
    ----------
    column : str
        Raw column of the file.
    reason : str
        Why it could not be left out, and who decided so.
    """

    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """One delivered file.

    Attributes
    ----------
    path : str
        Relative to the raw-data folder, or to the study's config folder where ``folder`` says so.
    role : str
        ``baseline``, ``midline``, ``endline`` for survey rounds; ``frame`` for the list of
        clusters; ``analysis`` for a ready-made analysis file; ``published`` for printed estimates
        that only the report reads; ``series`` for an administrative
        cluster-by-period series; ``backcheck`` for questions asked again of some respondents;
        ``contacts`` for everybody who was sampled; ``margins`` for the population margins that
        weights are raked to. Of a study of type panel: ``events`` for the rows that are counted,
        ``population`` for denominators by cluster and period, ``facts`` for what else is known of
        clusters, ``names`` for the reviewed table of names and codes, ``treated`` for the list of
        treated clusters.
    round : str, optional
        Id of the survey round; required for survey roles, absent for the others.
    of_round : str, optional
        Id of the round that a back-check asks again; required for backcheck.
    rows : int
        Data rows the file must hold: what catches a file cut at a row end.
    encoding : {"utf-8", "latin-1", "cp1252"}, optional
        Encoding of the text of a Stata or SPSS file that does not name it, or names it wrongly.
    sheet : str, optional
        Sheet of a workbook; required for xls and xlsx.
    table : SheetTable, optional
        Of a workbook whose sheet holds more than the table.
    layout : str
        Key under which the dictionary gives raw names, where files of one role are written in
        several ways.
    years : tuple of int
        First and last year that a file of events covers.
    text_cells : TextCells, optional
        Of a workbook whose cells hold numbers like 12,5 or days like 31/05/2021 as text.
    export : Export, optional
        Layout of a survey server's export; required for zip.
    only : RowsOf, optional
        Of a file that holds several rounds: one entry for each, with the same path.
    drop : tuple of Drop
        Rows that are left out, each rule with its reason.
    ignore_columns : tuple of str
        Columns the file holds that the dictionary leaves out (device ids, duplicates).
    personal_columns : tuple of PersonalColumn
        Decisions on columns of ``ignore_columns`` that look like names, telephones or places of
        persons. Without one, each delivery warns of the column.
    whole_numbers : tuple of str
        Columns of whole numbers that whoever exported the file wrote with decimals: ``42.0`` is
        read as ``42``. Ids and codes are texts, and would be others than those of the other round.
    same_as : tuple of SameAs
        Columns that must agree with a variable of the frame, cluster by cluster.
    unrelated : tuple of str
        Columns that go with the groups and mean something else: nothing is concluded from them.
    """

    id: str
    path: str
    role: Literal[
        "baseline",
        "midline",
        "endline",
        "frame",
        "analysis",
        "series",
        "published",
        "backcheck",
        "contacts",
        "margins",
        "events",
        "population",
        "facts",
        "names",
        "treated",
    ]
    format: str
    sha256: str
    rows: int
    origin: str
    folder: Literal["data_raw", "config"] = "data_raw"
    round: str | None = None
    of_round: str | None = None
    form_version: str | None = None
    dialect: Dialect | None = None
    encoding: Literal["utf-8", "latin-1", "cp1252"] | None = None
    sheet: str | None = None
    text_cells: TextCells | None = None
    table: SheetTable | None = None
    layout: str = ""
    years: tuple[int, ...] = ()
    export: Export | None = None
    delivered: datetime.date | None = None
    only: RowsOf | None = None
    drop: tuple[Drop, ...] = ()
    ignore_columns: tuple[str, ...] = ()
    personal_columns: tuple[PersonalColumn, ...] = ()
    whole_numbers: tuple[str, ...] = ()
    same_as: tuple[SameAs, ...] = ()
    unrelated: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The key under which the dictionary gives raw names: round, layout or role."""
        return self.round if self.round is not None else self.layout or self.role

    @property
    def marks(self) -> tuple[str, DateForm]:
        """Decimal mark and form of days in the file's texts."""
        written = self.dialect or self.text_cells or TextCells(decimal=".")
        return written.decimal, written.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All files of a study. ``ignore`` lists companions (READMEs) that may lie beside them.

    ``folders`` are those below the raw folder that are the study's own, where others' lie beside
    them; without any the whole raw folder is.
    """

    file: tuple[RawFile, ...]
    ignore: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def layouts(self) -> tuple[str, ...]:
        """Layouts of the files, each once."""
        return tuple(dict.fromkeys(f.layout for f in self.file if f.layout))

    def with_role(self, *roles: str) -> tuple[RawFile, ...]:
        """Files that have one of the roles, in the order of the manifest."""
        return tuple(f for f in self.file if f.role in roles)


def read_manifest(folder: Path, study: Study) -> Manifest:
    """Read ``manifest.toml`` and check it against the study.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.
    study : Study
        Of that folder.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold.
    """
    toml = TomlFile(named(folder, "manifest.toml"))
    manifest = read(Manifest, folder, "manifest.toml")
    toml.unique((f.id for f in manifest.file), "file")
    whole = (f for f in manifest.file if f.only is None)
    toml.unique((f"{f.folder}/{f.path}" for f in whole), "path")
    for file in manifest.file:
        _check_rows(file, manifest, toml)
    for file in manifest.file:
        _check_file(file, study, toml)
    _check_folders(manifest, toml)
    for round_id in study.rounds:
        files = sum(f.round == round_id for f in manifest.file)
        toml.refuse(files != 1, "round-does-not", "list-one-file", round_id=round_id)
    toml.refuse(len(manifest.with_role("frame")) != 1, "no-file-role", "list-cluster")
    return manifest


def _check_rows(file: RawFile, manifest: Manifest, toml: TomlFile) -> None:
    """Entries of one file share its rows out; a rule for rows names a column that is read."""
    for rule in file.drop:
        gone = rule.column in file.ignore_columns
        toml.refuse(gone, "drop-by-ignored", "drop-by-ignored", id=file.id, column=rule.column)
    if file.only is None:
        return
    same = [f for f in manifest.file if f is not file and f.path == file.path]
    told = [v for f in same if f.only is not None for v in f.only.values]
    whole = any(f.only is None or f.only.column != file.only.column for f in same)
    both = set(file.only.values) & set(told)
    toml.refuse(whole or both, "rows-of-two", "rows-of-two", id=file.id, path=file.path)


def _check_file(file: RawFile, study: Study, toml: TomlFile) -> None:
    key, role = f"file.{file.id}", repr(file.role)
    if file.role in SURVEY_ROLES:
        toml.refuse(file.round is None, "no-round", "manifest-add", key=key)
        toml.known(file.round or "", study.rounds, "round", f"{key}.round")
        kind = next(r.kind for r in study.round if r.id == file.round)
        toml.refuse(
            kind != file.role,
            "but-round",
            "make-two-agree",
            key=key,
            role=role,
            round=file.round,
            kind=kind,
        )
    else:
        toml.refuse(file.round is not None, "role-round", "manifest-remove", key=key, role=role)
    _check_backcheck(file, study, toml, key)
    _check_format(file, toml, key)
    _check_export(file, toml, key)
    path = Path(file.path)
    outside = path.is_absolute() or ".." in path.parts
    toml.refuse(outside, "leaves-folder", "give-path-inside", key=key)


def _check_folders(manifest: Manifest, toml: TomlFile) -> None:
    """Every delivered file lies in one of the study's own folders, where these are named."""
    for name in manifest.folders:
        path = Path(name)
        outside = path.is_absolute() or ".." in path.parts
        toml.refuse(outside, "leaves-folder", "give-path-inside", key=f"folders ({name})")
    for file in manifest.file:
        inside = any(Path(file.path).is_relative_to(name) for name in manifest.folders)
        stray = manifest.folders and file.folder == "data_raw" and not inside
        toml.refuse(stray, "outside-own-folders", "outside-own-folders", id=file.id)


def _check_table(file: RawFile, toml: TomlFile, key: str) -> None:
    table = file.table
    if table is None:
        return
    texts = "table" not in FORMATS[file.format]
    toml.refuse(texts, "is-and-has-table", "is-and-has-table", key=key, format=file.format)
    toml.refuse(not table.head, "table-without-head", "table-without-head", key=key)
    alone = bool(table.total) != bool(table.summed)
    toml.refuse(alone, "total-and-summed", "total-and-summed", key=key)
    toml.refuse(min(table.digits.values(), default=2) < 2, "limit-below", "least", key=key)


def _check_format(file: RawFile, toml: TomlFile, key: str) -> None:
    """Dialect, sheet and encoding: each belongs to some formats and not to the others."""
    toml.known(file.format, FORMATS, "format", f"{key}.format")
    keys, form = FORMATS[file.format], file.format
    delimited = "dialect" in keys
    toml.refuse(
        delimited != (file.dialect is not None),
        "lacks-dialect" if delimited else "has-dialect",
        "csv-zip-files-declare",
        key=key,
        format=form,
    )
    toml.refuse(
        ("sheet" in keys) != (file.sheet is not None),
        "lacks-sheet" if file.sheet is None else "has-sheet",
        "workbooks-name",
        key=key,
        format=form,
    )
    texts = file.text_cells is not None and "text_cells" not in keys
    toml.refuse(texts, "is-and-has", "only-workbooks", key=key, format=form)
    _check_table(file, toml, key)
    encoded = file.encoding is not None and "encoding" not in keys
    toml.refuse(encoded, "is-and-has-an", "csv-zip-files", key=key, format=form)


def _check_backcheck(file: RawFile, study: Study, toml: TomlFile, key: str) -> None:
    toml.refuse(
        (file.role == "backcheck") != (file.of_round is not None),
        "lacks-of-round" if file.of_round is None else "has-of-round",
        "back-check-nothing",
        key=key,
        role=repr(file.role),
    )
    asked = [file.of_round] if file.of_round is not None else []
    toml.known(asked, study.rounds, "round", f"{key}.of_round")


def _check_export(file: RawFile, toml: TomlFile, key: str) -> None:
    """An archive has a member, no other file has; members stay inside and differ; limits hold."""
    export, archive = file.export, file.format == "zip"
    bare = archive and (export is None or not export.member)
    toml.refuse(bare, "zip-archive-without", "name-file-interviews", key=key)
    if export is None:
        return
    # repeats of a workbook are sheets of it
    repeats = export.repeat if file.format not in WORKBOOKS else ()
    inside = export.member or repeats or export.ignore_members
    toml.refuse(not archive and inside, "names-members", "remove-them-set", key=key)
    own = export.member or file.sheet
    members = [m for m in (own, *(r.member for r in export.repeat)) if m]
    toml.refuse(len(set(members)) < len(members), "names-member", "name-each-file", key=key)
    limits = (export.largest_mb, *(repeat.most for repeat in export.repeat))
    toml.refuse(min(limits) < 1, "limit-below", "least", key=key)


def data_hash(digests: Iterable[tuple[str, str]]) -> str:
    """Hash of the data: sha256 over sorted (path, sha256) of raw files and corrections."""
    lines = "".join(f"{path}\0{digest}\n" for path, digest in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
