"""What may leave the house: the release's rules, and what the search for identifiers skips."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.config.toml_reader import TomlFile, named, read


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGroup:
    """Answers that the release shows as one.

    Attributes
    ----------
    label : str
        What the release shows.
    values : tuple of str
        Values as the release showed them before this step.
    """

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoding:
    """One step of global recoding: a key variable with fewer, wider categories."""

    variable: str
    groups: tuple[AnswerGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What an outsider could compare to find a cluster: its released mean with a known number.

    Attributes
    ----------
    released : str
        Column of the release.
    known : str
        Variable of the frame of clusters.
    answer : str
        The share of this answer is compared; empty for the mean of a number.
    """

    released: str
    known: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """One measure of the risk report, of the data before or after protection.

    ``value`` is NaN where ``reason`` says why there is none.
    """

    study: str
    stage: str
    file: str
    measure: str
    subject: str
    value: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The rules of one study's release.

    Attributes
    ----------
    keys : tuple of str
        Key variables: what somebody may know of a person. ``subregion`` and ``age`` by their
        names in the dictionary; age is released in bands.
    age : str
        The key variable that holds years of age; empty where there is none.
    drop : tuple of str
        Variables that are left out beside those whose class or type already keeps them out.
    recoding : tuple of Recoding
        Steps in the order in which they are tried.
    attack : tuple of Attack
        What the risk report tries against the release.
    k, l : int
        Persons that share every released combination of key variables; different answers to every
        sensitive item among those who share one.
    places_per_arm : int
        Clusters of each arm that a released subregion holds at least.
    most_below : float
        Share of persons in smaller combinations than ``k`` up to which recoding stops, and single
        values are blanked instead.
    """

    keys: tuple[str, ...]
    age: str = ""
    drop: tuple[str, ...] = ()
    recoding: tuple[Recoding, ...] = ()
    attack: tuple[Attack, ...] = ()
    k: int = 5
    l: int = 2  # noqa: E741 - the letter of the literature
    places_per_arm: int = 5
    most_below: float = 0.2


def check_release(release: Release, toml: TomlFile) -> None:
    """Refuse rules that protect nobody.

    Parameters
    ----------
    release : Release
    toml : TomlFile
        That they stand in.

    Raises
    ------
    SpecError
        Fewer than the floor of k, l or places, or a recoding of no key variable.
    """
    for name, least in (("k", 5), ("l", 2), ("places_per_arm", 3)):
        n = getattr(release, name)
        toml.refuse(
            n < least, "release-is", "least-may-released", name=name, getattr=n, least=least
        )
    toml.refuse(not 0 <= release.most_below <= 1, "no-share", "write-share")
    for i, step in enumerate(release.recoding):
        no_key = step.variable not in release.keys
        toml.refuse(no_key, "recodes-no-key", "name-one", i=i, variable=step.variable)


AUDIT = "audit.toml"
Rule = Literal[
    "e-mail",
    "mobile",
    "gps",
    "address",
    "cedula",
    "divipola",
    "path",
    "raw-id",
    "raw-answer",
    "place",
    "phone",
    "profile",
    "device",
    "birth",
    "plate",
    "name",
    "rows",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A text that one rule may find.

    Attributes
    ----------
    rule : str
        Which rule.
    text : str
        Exactly what it finds.
    file : str
        End of the file's name; empty for all files.
    reason : str
        Why it identifies nobody.
    """

    rule: Rule
    text: str
    reason: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedChapter:
    """A chapter of the book that may read the clean rows: what it prints is searched all the same.

    Attributes
    ----------
    notebook : str
        Name of the chapter, as the table of contents has it.
    by : str
        Who answers for it.
    date : datetime.date
        When this was decided.
    reason : str
        Why it needs the rows, and what it prints of them.
    """

    notebook: str
    by: str
    date: datetime.date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All exceptions of a study.

    Attributes
    ----------
    allowed : tuple of Allowed
        Texts that the search may find.
    chapter : tuple of SignedChapter
        Chapters that may read the clean rows.
    """

    allowed: tuple[Allowed, ...] = ()
    chapter: tuple[SignedChapter, ...] = ()


def read_audit(folder: Path) -> Audit:
    """Read ``audit.toml``; a study without one has no exceptions.

    Raises
    ------
    SpecError
        A key, a type or a rule that does not hold, or an entry without a reason.
    """
    if not (folder / AUDIT).is_file():
        return Audit()
    audit = read(Audit, folder, AUDIT)
    toml = TomlFile(named(folder, AUDIT))
    for i, entry in enumerate(audit.allowed):
        empty = not entry.reason.strip() or not entry.text
        toml.refuse(empty, "no-text-no", "say-what-found", i=i)
    for i, signed in enumerate(audit.chapter):
        empty = not signed.reason.strip() or not signed.by.strip()
        toml.refuse(empty, "chapter-unsigned", "chapter-unsigned", i=i)
    return audit
