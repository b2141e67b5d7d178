"""The search for what identifies somebody, over named contents; any hit is an error."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.audit_known import known_of
from evaluation.cli.told import ListedError, grouped
from evaluation.data.leaks import Hit, Known, search
from evaluation.data.outlets import parts
from evaluation.locale.messages import Figure, Message, message, wording
from evaluation.spec.audit import Allowed, read_audit
from evaluation.spec.study import Study

SHOWN = 20
PRIVATE = "private"
# Sources of tests hold invented identifiers; the study's own raw values are none of them.
TESTS, OWN = "tests/", ("raw-id", "raw-answer")
# each rule as it is read in Spanish
RULES = {
    "e-mail": "correo electrónico",
    "mobile": "celular",
    "gps": "coordenadas",
    "address": "dirección",
    "cedula": "cédula",
    "divipola": "código Divipola",
    "path": "ruta de una carpeta",
    "raw-id": "identificador de los datos entregados",
    "raw-answer": "respuesta abierta",
    "place": "lugar del estudio",
    "phone": "teléfono",
    "profile": "perfil o chat",
    "device": "dispositivo o dirección de red",
    "birth": "fecha de nacimiento",
    "plate": "placa de vehículo",
    "name": "nombre de una persona",
}


@dataclass(slots=True)
class Searched:
    """What a search has found so far, and what it could not read.

    Attributes
    ----------
    hits : list of Hit
        In the order of the contents.
    unread : dict of str to Message
        Why a content, or a piece of one, was not searched.
    seen : set of bytes
        Digests of contents; each is searched once.
    """

    hits: list[Hit] = field(default_factory=list)
    unread: dict[str, Message] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(
        self, files: Iterable[tuple[str, bytes]], known: Known, allowed: tuple[Allowed, ...]
    ) -> None:
        """Search contents that no earlier one was equal to."""
        for name, data in files:
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if digest in self.seen:
                continue
            self.seen.add(digest)
            example = name.partition(" ")[2].partition(" ")[2].startswith(TESTS)
            for part in parts(name, data):
                if part.unread:
                    self.unread[part.name] = part.unread
                self.hits += [
                    hit
                    for hit in search(part, known)
                    if not (example and hit.rule not in OWN)
                    and not any(_allows(entry, hit) for entry in allowed)
                ]

    def counts(self) -> dict[Message, int]:
        """How many contents were not searched, by reason."""
        counts = Counter(self.unread.values())
        return {why: counts[why] for why in sorted(counts, key=str)}

    def stop_on_hits(self, study: Study) -> None:
        """Raise where something was found.

        Raises
        ------
        Leaks
            The message says where and by which rule, never what.
        """
        if self.hits:
            raise Leaks(self.hits, study)


class Leaks(ListedError):
    """Places that hold what may identify somebody: where and by which rule, never what.

    Parameters
    ----------
    hits : sequence of Hit
        In the order they shall stand; at least one.
    study : Study
        Whose exceptions may name a false alarm.
    """

    def __init__(self, hits: Sequence[Hit], study: Study) -> None:
        self.hits, self.study = tuple(hits), study
        super().__init__(
            message("leaks.problem", n=Figure(f"{len(self.hits):,}")),
            where="audit",
            mend=message("leaks.mend", study=study.id),
            rule="leak",
        )

    def listed(self, language: str) -> str:
        """How many there are, and the first of them."""
        lines = [
            wording(
                "audit.place",
                language,
                name=hit.name,
                line=hit.line,
                rule=_said(hit.rule, language),
            )
            for hit in self.hits[:SHOWN]
        ]
        more = len(self.hits) - SHOWN
        lines += (
            [wording("audit.more-places", language, n=grouped(more, language))] if more > 0 else []
        )
        return "\n  ".join([self.problem.text(language), *lines])


def _said(rule: str, language: str) -> str:
    """A rule's name, with the word that an exception is written with beside it."""
    return rule if language == "en" else f"{RULES[rule]} ({rule})"


def files_of(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file below the folders, private ones apart."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and PRIVATE not in inside:
                yield path.as_posix(), io.read_bytes(path)


def check_folder(folder: Path, paths: stage.Paths, study: Study) -> Searched:
    """Search a folder before it is published.

    Raises
    ------
    Leaks
        Something in it may identify somebody.
    """
    searched = Searched()
    searched.add(files_of([folder]), known_of(paths, study), read_audit(paths.config).allowed)
    searched.stop_on_hits(study)
    return searched


def _allows(entry: Allowed, hit: Hit) -> bool:
    name = hit.name.partition("!")[0]
    return entry.rule == hit.rule and entry.text == hit.text and name.endswith(entry.file)
