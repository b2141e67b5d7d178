"""Files a new study is drafted from: as named, or by their looks, with the role of each."""

import argparse
import dataclasses
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evaluation.data.findings import LINE
from evaluation.data.form_words import name_words
from evaluation.data.readers.delivered_files import ALL_OTHERS
from evaluation.data.spelling import plain
from evaluation.errors import SpecError
from evaluation.fieldwork import manifest_draft
from evaluation.fieldwork.column_profile import Column, Profile, Source, columns_of
from evaluation.fieldwork.dictionary_from_data import Left
from evaluation.fieldwork.draft_study import ROUNDS
from evaluation.locale.messages import Message, message, several
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from evaluation.study.decisions import marker, written
from evaluation.study.toml_writer import comment, value_text

SHOWN = 3
# a column that tells rounds apart has few values, and none of them in a handful of rows only
MOST_ROUNDS, LEAST_SHARE = 4, 0.1
ROUND_NAMES = re.compile(
    r"round|rounds|ronda|rondas|wave|ola|period|periodo|post|endline|baseline|medicion|levantamiento"
    r"|momento"
)
# one season in the field may see New Year
YEAR_NAMES, YEARS_APART = re.compile(r"year|anio|ano"), 2
ROUND_VALUES = re.compile(
    r"(baseline|linea (de )?base|linea_?base|lb|endline|linea (final|de salida)|lf|midline"
    r"|linea (media|intermedia)|pre|post|antes|despues|before|after|(round|ronda) ?\d)\b"
)


def evidence(sources: Sequence[Source]) -> tuple[Message, ...]:
    """One line for each file: its size, and columns that name its rows and others' rows.

    Parameters
    ----------
    sources : sequence of Source
        Files; their ids are their names.
    """
    columns = columns_of(sources)
    return tuple(_line(source, columns) for source in sources)


def rounds_within(source: Source) -> Message | None:
    """The column that seems to tell rounds apart within one file, with its values; or nothing.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Message or None
        None where no column has two to four values, all of many rows, and is named like rounds
        or has values that are.
    """
    for column in columns_of([source]):
        seen = column.seen[source.id]
        if _tells_rounds(column.name, seen):
            values = (
                message("value-in-rows.part", value=value, n=f"{n:,}")
                for value, n in sorted(seen.counts.items())
            )
            return message("rounds-within.part", column=seen.raw, values=several(values, ", "))
    return None


def _tells_rounds(name: str, seen: Profile) -> bool:
    if seen.blank or not 2 <= len(seen.counts) <= MOST_ROUNDS:
        return False
    if min(seen.counts.values()) < max(2, LEAST_SHARE * seen.rows):
        return False
    words = name_words(name)
    named = any(ROUND_NAMES.fullmatch(word) for word in words)
    if any(YEAR_NAMES.fullmatch(word) for word in words) and seen.is_whole():
        years = [float(text) for text in seen.counts]
        named = named or max(years) - min(years) >= YEARS_APART
    texts = [plain(text) for value in seen.counts for text in (value, seen.labels.get(value, ""))]
    return named or sum(ROUND_VALUES.match(text) is not None for text in texts) > 1


def _line(source: Source, columns: Sequence[Column]) -> Message:
    frame = source.table.frame
    listed = list(_lists(source.id, columns))
    within = rounds_within(source)
    if within:
        listed.insert(0, message("draft.several-rounds", within=within))
    size = message(
        "draft.file-size",
        file=source.file,
        rows=f"{len(frame):,}",
        columns=sum(c != LINE for c in frame.columns),
    )
    return message("draft.file-seen", size=size, seen=several(listed[:SHOWN])) if listed else size


def _lists(source: str, columns: Sequence[Column]) -> Iterator[Message]:
    """Columns whose values stand once here and many times in another file: a list of clusters."""
    for column in columns:
        here = column.seen.get(source)
        if here is None or not here.is_unique():
            continue
        repeated = [
            other
            for other, seen in column.seen.items()
            if other != source
            and seen.filled >= 2 * len(seen.counts)
            and set(seen.counts) <= set(here.counts)
        ]
        if repeated:
            yield message("draft.like-the-frame", column=here.raw, others=", ".join(repeated))


ROLES = (*ROUNDS, "frame")
MOST_OTHERS = 200


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A delivered file as it was given: its role, bytes, and what is in it."""

    role: str
    path: str
    data: bytes
    facts: manifest_draft.Facts

    @property
    def source(self) -> Source:
        """The file as a draft sees it."""
        keys = {key: value for key, value, _ in self.facts.keys}
        dialect = keys.get("dialect") or keys.get("text_cells") or {}
        named = {key: dialect[key] for key in ("decimal", "date") if key in dialect}
        file = self.path.rpartition("/")[2]
        return Source(id=self.role, file=file, table=self.facts.table, **named)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The files of a new study.

    Attributes
    ----------
    files : tuple of Given
        One for each role; none where only the form is there.
    folder : Path or None
        What DATA_RAW has to name, so that the stages find them; None without files.
    scattered : bool
        Whether they lie in several folders, of which nobody said that they are the study's.
    """

    files: tuple[Given, ...] = ()
    folder: Path | None = None
    scattered: bool = False


def delivery(options: argparse.Namespace) -> Delivery:
    """Read the named files; none unless each role has one, or there is only a form.

    Raises
    ------
    SpecError
        Nothing is named; a role has no file; one file holds both rounds; no folder holds all.
    StorageError, DataError
        A file cannot be read.
    """
    by_role = {role: getattr(options, role) for role in ROLES}
    listed = [Path(path) for path in options.data]
    if not listed and not any(by_role.values()):
        if options.form:
            return Delivery()
        raise SpecError.of("neither-form", "name-survey-form", "new-study")
    # a file of --data may be named by its bare name
    names = {path.name: path for path in listed}
    paths = {role: names.get(path, Path(path)) for role, path in by_role.items() if path}
    _check_rounds_apart(options.name, paths, listed)
    if len(paths) < len(ROLES):
        raise _roles_asked(options.name, paths, listed)
    folder, scattered = _folder(options, list(paths.values()))
    files = tuple(_given(path, role, folder) for role, path in paths.items())
    return Delivery(files=files, folder=folder, scattered=scattered)


def _check_rounds_apart(name: str, paths: Mapping[str, Path], listed: Sequence[Path]) -> None:
    """Refuse one file for both rounds: a round is one file of the manifest."""
    rounds = [paths[role].resolve() for role in ROUNDS if role in paths]
    twice = len(rounds) > len(set(rounds))
    distinct = list({path.resolve(): path for path in (*paths.values(), *listed)}.values())
    # with a file for each role, the person may know better than a column's name
    if not twice and len(distinct) >= len(ROLES):
        return
    for path in [paths[ROUNDS[0]]] if twice else distinct:
        within = rounds_within(_given(path, path.name, path.parent).source)
        if twice or within:
            told = message("both-rounds-told.problem", told=within) if within else None
            problem, fix = (
                told or message("both-rounds.problem"),
                message("both-rounds.fix", name=name),
            )
            raise SpecError(problem, where=path.name, fix=fix, rule="both-rounds")


def _roles_asked(name: str, paths: Mapping[str, Path], listed: Sequence[Path]) -> SpecError:
    distinct = dict.fromkeys([*paths.values(), *listed])
    sources = [_given(path, path.name, path.parent).source for path in distinct]
    lines = several(evidence(sources), "lines")
    options = " ".join(f"--{role} {paths.get(role, 'FILE')}" for role in ROLES)
    missing = ", ".join(role for role in ROLES if role not in paths)
    return SpecError.of(
        "decision",
        "decision",
        "new-study",
        rule="decision",
        missing=missing,
        row=f"{name} {options}",
        lines=lines,
    )


def _given(path: Path, role: str, raw: Path) -> Given:
    data = disk.read_given(path)
    whole, folder = path.resolve(), raw.resolve()
    named = whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name
    return Given(role=role, path=named, data=data, facts=manifest_draft.examine(named, data))


def _folder(options: argparse.Namespace, paths: Sequence[Path]) -> tuple[Path, bool]:
    """Folder of the files, as named or the one that holds them all; and whether it was guessed."""
    if options.data_raw:
        return Path(options.data_raw), False
    folders = list(dict.fromkeys(path.parent for path in paths))
    if len(folders) == 1:
        return folders[0], False
    own = Paths.of(options).raw.parent / options.name
    if all(folder.resolve().is_relative_to(own.resolve()) for folder in folders):
        return own, False
    return _common(folders), True


def _common(folders: Sequence[Path]) -> Path:
    """The nearest folder above several others, from here where it lies below."""
    whole = [folder.resolve() for folder in folders]
    # drives of Windows have no folder in common
    together = len({folder.anchor for folder in whole}) == 1
    found = Path(os.path.commonpath(whole)) if together else None
    if found is None or found == Path(found.anchor):
        raise SpecError.of("no-folder-but", "copy-them-one", "new-study")
    here = Path.cwd().resolve()
    return found.relative_to(here) if found.is_relative_to(here) else found


def ignored(given: Delivery) -> str:
    """Line ``ignore`` of the manifest: other files beside the study's, which no stage reads.

    Raises
    ------
    SpecError
        There are too many to list.
    """
    if given.folder is None:
        return ""
    note, others = "confirm: other files of the folder, which no stage reads", [ALL_OTHERS]
    if given.scattered:
        note = "confirm: the files lie in several folders: nothing else below the folder that holds"
        note += " them is looked at"
    else:
        used, found = {f.path for f in given.files}, given.folder.rglob("*")
        names = (path.relative_to(given.folder).as_posix() for path in found if path.is_file())
        others = sorted(name for name in names if name not in used)
    if len(others) > MOST_OTHERS:
        raise SpecError.of("files-lie-folder", "put-study-files", given.folder.name, n=len(others))
    return (f"{comment(note)}\n" if others else "") + f"ignore = {value_text(others)}\n"


def manifest_text(given: Delivery, left: Sequence[Left], language: str) -> str:
    """The entries of a study's manifest, of its files or of those that are awaited.

    Parameters
    ----------
    given : Delivery
    left : sequence of Left
        Columns that are not drafted, with the reason.
    language : {"en", "es"}
        Of the questions.
    """
    if not given.files:
        return "".join(_awaited(role, language) for role in ROLES)
    entries = [
        manifest_draft.entry(
            file.path,
            file.data,
            file.facts,
            file_id=file.role,
            known={
                "role": file.role,
                "round": file.role if file.role in ROUNDS else None,
                "ignore_columns": {e.raw: e.reason for e in left if e.source == file.role},
            },
        )
        for file in given.files
    ]
    return "\n".join([ignored(given), *entries])


def _awaited(role: str, language: str) -> str:
    """Entry of a file that is not delivered yet."""
    question = marker(
        message("draft.which-file", role=role),
        message("draft.which-file-entry", role=role),
        language=language,
    )
    return f"\n[[file]]\nid = {value_text(role)}\npath = {written(question)}\n"
