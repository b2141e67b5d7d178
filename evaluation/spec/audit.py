"""What the search for leaks passes over: ``audit.toml`` of a study, each entry with a reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.spec import load

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
class Audit:
    """All exceptions of a study."""

    allowed: tuple[Allowed, ...] = ()


def read_audit(folder: Path) -> Audit:
    """Read ``audit.toml``; a study without one has no exceptions.

    Raises
    ------
    SpecError
        A key, a type or a rule that does not hold, or an entry without a reason.
    """
    path = folder / AUDIT
    if not path.is_file():
        return Audit()
    where = f"{folder.name}/{AUDIT}"
    audit: Audit = load.convert(Audit, load.read_toml(path), where=where)
    for i, entry in enumerate(audit.allowed):
        if not entry.reason.strip() or not entry.text:
            raise SpecError(
                message("no-text-no.problem", i=i),
                where=where,
                mend=message("say-what-found.mend"),
            )
    return audit
