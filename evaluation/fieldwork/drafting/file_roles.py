"""Files a new study is drafted from: as named, or by their looks, with the role of each."""

import argparse
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evaluation.config.decisions import marker, written
from evaluation.config.manifest import SameAs
from evaluation.config.toml_writer import comment, value_text
from evaluation.data.findings import LINE
from evaluation.data.readers.delivered_files import ALL_OTHERS
from evaluation.data.readers.raw_table import Delivered
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting import cluster_list, export_draft, manifest_draft
from evaluation.fieldwork.drafting.column_profile import FRAME, DraftColumn, DraftSource, columns_of
from evaluation.fieldwork.drafting.dictionary_from_data import Left
from evaluation.fieldwork.drafting.draft_study import ROUNDS
from evaluation.fieldwork.drafting.round_column import all_rounds, round_column, rounds_within
from evaluation.fieldwork.drafting.xlsform import Form
from evaluation.locale.messages import Message, message, several
from evaluation.storage import disk
from evaluation.storage.folders import Paths

SHOWN = 3


def evidence(sources: Sequence[DraftSource]) -> tuple[Message, ...]:
    """One line for each file: its size, and columns that name its rows and others' rows.

    Parameters
    ----------
    sources : sequence of DraftSource
        Files; their ids are their names.
    """
    columns = columns_of(sources)
    return tuple(_line(source, columns) for source in sources)


def _line(source: DraftSource, columns: Sequence[DraftColumn]) -> Message:
    frame = source.table.frame
    listed = list(_lists(source.id, columns))
    within = rounds_within(source)
    if within:
        listed.insert(0, message("draft.several-rounds", within=within))
    size = message(
        "draft.file-size",
        file=source.file,
        rows=f"{len(frame):,}",
        columns=sum(1 for c in frame.columns if c != LINE),
    )
    return message("draft.file-seen", size=size, seen=several(listed[:SHOWN])) if listed else size


def _lists(source: str, columns: Sequence[DraftColumn]) -> Iterator[Message]:
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
NONE: Mapping[str, Sequence[SameAs]] = {}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredFile:
    """A delivered file as it was given: its role, bytes, and what is in it.

    ``folder`` is ``config`` of the list of clusters that was made of the interviews.
    """

    role: str
    path: str
    data: bytes
    facts: manifest_draft.Facts
    folder: str = "data_raw"

    @property
    def source(self) -> DraftSource:
        """The file as a draft sees it."""
        keys = {key: value for key, value, _ in self.facts.keys}
        dialect = keys.get("dialect") or keys.get("text_cells") or {}
        named = {key: dialect[key] for key in ("decimal", "date") if key in dialect}
        file = self.path.rpartition("/")[2]
        return DraftSource(id=self.role, file=file, table=self.facts.table, **named)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The files of a new study.

    Attributes
    ----------
    files : tuple of DeliveredFile
        One for each role; none where only the form is there.
    folder : Path or None
        What DATA_RAW has to name, so that the stages find them; None without files.
    scattered : bool
        Whether they lie in several folders, of which nobody said that they are the study's.
    made : ClusterList or None
        The list of clusters, where it was made of the interviews.
    """

    files: tuple[DeliveredFile, ...] = ()
    folder: Path | None = None
    scattered: bool = False
    made: cluster_list.ClusterList | None = None


def delivery(options: argparse.Namespace) -> Delivery:
    """Read the named files; none unless each round has one, or there is only a form.

    Raises
    ------
    SpecError
        Nothing is named; a round has no file; no folder holds all.
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
    both = _of_both_rounds(paths, listed, options)
    if both is not None:
        paths |= dict.fromkeys(ROUNDS, both)
        others = [path for path in listed if path.resolve() != both.resolve()]
        if len(others) == 1:
            paths.setdefault(FRAME, others[0])
    if not set(ROUNDS) <= set(paths) or (FRAME not in paths and set(listed) - set(paths.values())):
        raise _roles_asked(options.name, paths, listed)
    _refuse_absent([*paths.values(), *listed])
    folder, scattered = _folder(options, list(paths.values()))
    if both is None:
        files = [_given(path, role, folder) for role, path in paths.items()]
    else:
        files = _rounds_of(_given(both, ROUNDS[0], folder), options.round)
        files += [_given(paths[FRAME], FRAME, folder)] if FRAME in paths else []
    return Delivery(files=tuple(files), folder=folder, scattered=scattered)


def _of_both_rounds(
    paths: Mapping[str, Path], listed: Sequence[Path], options: argparse.Namespace
) -> Path | None:
    """The one file that holds both rounds; None where each round has a file of its own."""
    rounds = {paths[role].resolve() for role in ROUNDS if role in paths}
    if len(rounds) == len(ROUNDS):
        return None
    frame = paths[FRAME].resolve() if FRAME in paths else None
    others = {path.resolve(): path for path in (*paths.values(), *listed)}
    left = [path for whole, path in others.items() if whole != frame]
    if all(role in paths for role in ROUNDS):
        return left[0]
    sources = {path: _given(path, path.name, path.parent).source for path in left}
    if options.round:
        column = options.round.partition("=")[0]
        named = [path for path, source in sources.items() if column in source.table.frame]
        return next(iter(named or left))
    within = [path for path, source in sources.items() if rounds_within(source)]
    # with as many files as roles, a column like a round is only evidence
    return within[0] if len(within) == 1 and len(others) < len(ROLES) else None


def _rounds_of(both: DeliveredFile, named: str) -> list[DeliveredFile]:
    column = round_column(both.source, named)
    facts = all_rounds(both.facts, column, ROUNDS)
    return [dataclasses.replace(both, role=role, facts=facts[role]) for role in ROUNDS]


def with_cluster_list(given: Delivery, *, cluster: str, arm: str) -> Delivery:
    """The delivery with a list of clusters made of the interviews, where none was delivered.

    Parameters
    ----------
    given : Delivery
    cluster, arm : str
        Columns that a person named; empty where the files may tell.

    Raises
    ------
    SpecError
        A column is not there; nobody named them and the files do not tell; a cluster is in two
        groups.
    """
    sources = [file.source for file in given.files]
    if not sources or any(file.role == FRAME for file in given.files):
        return given
    # a mistyped name is that, and no lack of the files
    cluster = cluster_list.named(sources, cluster, key="cluster")
    arm = cluster_list.named(sources, arm, key="arm")
    found = cluster_list.pairs(sources)
    told = [p for p in found if cluster in ("", p[0]) and arm in ("", p[1])]
    if not (cluster and arm) and len(told) != 1:
        lines = [
            message("draft.pair", cluster=place, arm=group, evidence=said)
            for place, group, said in told
        ]
        shown = several(lines or [message("draft.no-pair")], "lines")
        raise SpecError.of("no-cluster-list", "no-cluster-list", "new-study", pairs=shown)
    place, group = (cluster, arm) if cluster and arm else told[0][:2]
    made = cluster_list.made(sources, cluster=place, arm=group)
    facts = manifest_draft.examine(cluster_list.FILE, made.data)
    facts = dataclasses.replace(facts, table=_labelled(facts.table, sources[0].table))
    listed = DeliveredFile(
        role=FRAME, path=cluster_list.FILE, data=made.data, facts=facts, folder="config"
    )
    return dataclasses.replace(given, files=(*given.files, listed), made=made)


def _labelled(made: Delivered, first: Delivered) -> Delivered:
    """A table made of a round's columns, with that round's own labels for them."""
    columns = set(made.frame)
    return dataclasses.replace(
        made,
        labels={raw: found for raw, found in first.labels.items() if raw in columns},
        variable_labels={raw: s for raw, s in first.variable_labels.items() if raw in columns},
    )


def arranged_by(given: Delivery, form: Form | None) -> tuple[Delivery, Form | None, list[Left]]:
    """The rounds as their reader will hand them over, and the form with the repeats they have.

    Parameters
    ----------
    given : Delivery
    form : Form or None
        The survey form of both rounds.
    """
    if form is None or not given.files:
        return given, form, []
    files, spare = list[DeliveredFile](), list[Left]()
    for file in given.files:
        facts, left = file.facts, list[Left]()
        if file.role in ROUNDS:
            facts, left = export_draft.arranged(facts, form, path=file.path, source=file.role)
        files.append(dataclasses.replace(file, facts=facts))
        spare += left
    names = {f.role: list(map(str, f.facts.table.frame.columns)) for f in files if f.role in ROUNDS}
    told = export_draft.with_repetitions(form, names)
    return dataclasses.replace(given, files=tuple(files)), told, spare


def _roles_asked(name: str, paths: Mapping[str, Path], listed: Sequence[Path]) -> SpecError:
    distinct = dict.fromkeys([*paths.values(), *listed])
    sources = [_given(path, path.name, path.parent).source for path in distinct]
    lines = several(evidence(sources), "lines")
    options = " ".join(f"--{role} {paths.get(role, 'FILE')}" for role in ROUNDS)
    options += f" --frame {paths[FRAME]}" if FRAME in paths else " [--frame FILE]"
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


def _given(path: Path, role: str, raw: Path) -> DeliveredFile:
    data = disk.read_given(path)
    whole, folder = path.resolve(), raw.resolve()
    named = whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name
    return DeliveredFile(
        role=role, path=named, data=data, facts=manifest_draft.examine(named, data)
    )


def _refuse_absent(paths: Sequence[Path]) -> None:
    """Whether files are there comes before where they lie."""
    for path in paths:
        above = next(f for f in (path.parent, *path.parents) if f.is_dir())
        if path.parent != above:
            missing = above / path.relative_to(above).parts[0]
            raise SpecError.of("no-such-folder", "correct-path", missing.as_posix())
        if not path.exists():
            raise SpecError.of("no-such-file", "correct-path", path.as_posix())


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
    note, others = "seen: other files of the folder, which no stage reads", [ALL_OTHERS]
    if given.scattered:
        note = "seen: the files lie in several folders: nothing else below the folder that holds"
        note += " them is looked at"
    else:
        used, found = {f.path for f in given.files}, given.folder.rglob("*")
        names = (path.relative_to(given.folder).as_posix() for path in found if path.is_file())
        others = sorted(name for name in names if name not in used)
    if len(others) > MOST_OTHERS:
        raise SpecError.of("files-lie-folder", "put-study-files", given.folder.name, n=len(others))
    return (f"{comment(note)}\n" if others else "") + f"ignore = {value_text(others)}\n"


def manifest_text(
    given: Delivery,
    left: Sequence[Left],
    language: str,
    same_as: Mapping[str, Sequence[SameAs]] = NONE,
) -> str:
    """The entries of a study's manifest, of its files or of those that are awaited.

    Parameters
    ----------
    given : Delivery
    left : sequence of Left
        Columns that are not drafted, with the reason.
    language : {"en", "es"}
        Of the questions.
    same_as : mapping of source to SameAs
        Columns that tell once more what the frame says.
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
                "folder": file.folder,
                "ignore_columns": {e.raw: e.reason for e in left if e.source == file.role},
                "same_as": [
                    {key: said for key, said in dataclasses.asdict(same).items() if said}
                    for same in same_as.get(file.role, ())
                ],
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
