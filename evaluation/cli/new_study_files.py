"""Files that a new study is drafted from: as they were named, by role, and nothing beside them."""

import argparse
import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.data import manifest_draft
from evaluation.data.roles import evidence, rounds_within
from evaluation.data.seen import Source
from evaluation.data.verify import ALL_OTHERS
from evaluation.errors import SpecError
from evaluation.locale.messages import Message, message, several
from evaluation.spec.study_draft import ROUNDS
from evaluation.spec.toml_text import comment, value_text

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
        raise SpecError(
            message("neither-form.problem"),
            where="new-study",
            mend=message("name-survey-form.mend"),
        )
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
        told = rounds_within(_given(path, path.name, path.parent).source)
        if twice or told:
            raise _both_rounds(name, path, told)


def _both_rounds(name: str, path: Path, told: Message | None) -> SpecError:
    return SpecError(
        message("both-rounds-told.problem", told=told) if told else message("both-rounds.problem"),
        where=path.name,
        mend=message("both-rounds.mend", name=name),
        rule="both-rounds",
    )


def _roles_asked(name: str, paths: Mapping[str, Path], listed: Sequence[Path]) -> SpecError:
    distinct = dict.fromkeys([*paths.values(), *listed])
    sources = [_given(path, path.name, path.parent).source for path in distinct]
    lines = several(evidence(sources), "lines")
    options = " ".join(f"--{role} {paths.get(role, 'FILE')}" for role in ROLES)
    missing = ", ".join(role for role in ROLES if role not in paths)
    return SpecError(
        message("decision.problem", missing=missing),
        where="new-study",
        mend=message("decision.mend", row=f"{name} {options}", lines=lines),
        rule="decision",
    )


def _given(path: Path, role: str, raw: Path) -> Given:
    data = io.read_given(path)
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
    within = [folder.resolve().is_relative_to(own.resolve()) for folder in folders]
    if all(within):
        return own, False
    return _common(folders), True


def _common(folders: Sequence[Path]) -> Path:
    """The nearest folder above several others, from here where it lies below."""
    whole = [folder.resolve() for folder in folders]
    # drives of Windows have no folder in common
    together = len({folder.anchor for folder in whole}) == 1
    found = Path(os.path.commonpath(whole)) if together else None
    if found is None or found == Path(found.anchor):
        raise SpecError(
            message("no-folder-but.problem"),
            where="new-study",
            mend=message("copy-them-one.mend"),
        )
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
    if given.scattered:
        said = comment(
            "confirm: the files lie in several folders: nothing else below the folder that holds"
            " them is looked at"
        )
        return f"{said}\nignore = {value_text([ALL_OTHERS])}\n"
    used = {file.path for file in given.files}
    found = (p for p in given.folder.rglob("*") if p.is_file())
    names = sorted(path.relative_to(given.folder).as_posix() for path in found)
    others = [name for name in names if name not in used]
    if len(others) > MOST_OTHERS:
        raise SpecError(
            message("files-lie-folder.problem", n=len(others)),
            where=given.folder.name,
            mend=message("put-study-files.mend"),
        )
    if not others:
        return "ignore = []\n"
    said = comment("confirm: other files of the folder, which no stage reads")
    return f"{said}\nignore = {value_text(others)}\n"
