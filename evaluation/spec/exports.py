"""How a survey server's export is laid out: archive members, repeats, select-multiple, reviews.

SurveyCTO, ODK Central and KoBo write the same interview in different layouts, and which one is a
setting of the person who exports. A person declares it here; the reader verifies.
"""

from dataclasses import dataclass
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import message


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectMultiple:
    """One question with several answers.

    Attributes
    ----------
    column : str
        The question's raw column, after group names are dropped.
    layout : {"one column", "many columns", "both"}
        ``one column`` holds the chosen codes, separated by blanks; ``many columns`` are one 0/1
        column for each code, named ``<column><join><code>``; ``both`` holds both, and they agree.
    codes : tuple of str
        All codes of the list, in its order.
    join : {"_", "/"}
        Between column and code in the names of many columns; the clean raw names have ``_``.
    """

    column: str
    layout: Literal["one column", "many columns", "both"]
    codes: tuple[str, ...]
    join: Literal["_", "/"] = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A repeat group in a file of its own, one row for each repetition.

    Attributes
    ----------
    member : str
        Its file in the archive.
    parent, key : str
        Column of the repeat file that names the interview, and the interviews' own column.
    most : int
        Largest number of repetitions; column ``age`` becomes ``age_1`` to ``age_<most>``.
    """

    member: str
    parent: str
    key: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Submissions that the office refused: set aside and counted, never mixed with the others."""

    column: str
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The layout of one export.

    Attributes
    ----------
    member : str
        File of the interviews inside a zip archive; empty where the file is no archive.
    ignore_members : tuple of str
        Patterns of further members that nobody uses (media, audit files).
    largest_mb : int
        Most that the archive may hold when unpacked, in megabytes.
    groups : {"keep", "drop /", "drop -", "drop :"}
        Whether column names carry their groups (``household/age``), and what to do with them.
    """

    member: str = ""
    ignore_members: tuple[str, ...] = ()
    largest_mb: int = 200
    groups: Literal["keep", "drop /", "drop -", "drop :"] = "keep"
    select_multiple: tuple[SelectMultiple, ...] = ()
    repeat: tuple[Repeat, ...] = ()
    review: Review | None = None


def check_export(export: Export | None, *, archive: bool, where: str, key: str) -> None:
    """Check what an export declares against the format of its file.

    Raises
    ------
    SpecError
        An archive without a member, a member or a repeat without an archive, a member that leaves
        the archive or stands twice, a limit that is not positive.
    """
    if archive and (export is None or not export.member):
        raise SpecError(
            message("zip-archive-without.problem", key=key),
            where=where,
            mend=message("name-file-interviews.mend"),
        )
    if export is None:
        return
    if not archive and (export.member or export.repeat or export.ignore_members):
        raise SpecError(
            message("names-members.problem", key=key),
            where=where,
            mend=message("remove-them-set.mend"),
        )
    members = [m for m in (export.member, *(r.member for r in export.repeat)) if m]
    if len(set(members)) < len(members):
        raise SpecError(
            message("names-member.problem", key=key),
            where=where,
            mend=message("name-each-file.mend"),
        )
    if export.largest_mb < 1 or any(repeat.most < 1 for repeat in export.repeat):
        raise SpecError(
            message("limit-below.problem", key=key), where=where, mend=message("least.mend")
        )
