"""How a study reads its file of contacts, and the outcome rates that come of it.

Final dispositions and rates are those of AAPOR, Standard Definitions (9th edition 2016, pp. 61 to
64; 10th edition 2023), for surveys that sample people in their homes.
"""

from dataclasses import dataclass
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import message

Disposition = Literal["I", "P", "R", "NC", "O", "UH", "UO", "NE"]
# What the values of the disposition's code list may be, and what they stand for.
DISPOSITIONS: dict[Disposition, str] = {
    "I": "complete interview",
    "P": "partial interview",
    "R": "refusal or break-off",
    "NC": "non-contact",
    "O": "other eligible person without an interview",
    "UH": "unknown whether an eligible household lives there",
    "UO": "unknown eligibility, other reason",
    "NE": "not eligible",
}
RateName = Literal[
    "RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "REF1", "CON1", "replacements"
]
ROLE = "contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Variables of the file with role ``contacts``, one file for all rounds.

    Attributes
    ----------
    unit : str
        Id of the sampled unit: one row per unit and round, or per attempt where ``attempt`` is
        given.
    round : str
        Id of the round.
    disposition : str
        Its code list gives AAPOR's short names (`DISPOSITIONS`) as values.
    attempt : str
        Number of the attempt; empty where each row is a unit with its final disposition.
    replaces : str
        Id of the unit that this one was drawn in place of; empty where nothing was replaced.
    eligible_share : float, optional
        AAPOR's e, the share of units of unknown eligibility that are eligible. RR3 and RR4 need it
        and are not given without it: it is a judgement, never a default.
    """

    unit: str
    round: str
    disposition: str
    attempt: str = ""
    replaces: str = ""
    eligible_share: float | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the file must have, beside respondent and cluster."""
        named = (self.unit, self.round, self.disposition, self.attempt, self.replaces)
        return tuple(name for name in named if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRate:
    """One outcome rate of a round and arm, from 0 to 1.

    Attributes
    ----------
    name : str
        AAPOR's name; ``replacements`` is the share of units drawn in place of others.
    n : int
        Sampled units that are or may be eligible, replaced ones and replacements among them.
    n_clusters : int
        Clusters they lie in.
    eligible_share : float
        AAPOR's e as declared, where the rate uses it; NaN elsewhere.
    """

    study: str
    round: str
    arm: str
    name: RateName
    rate: float
    n: int
    n_clusters: int
    eligible_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionCount:
    """Sampled units of a round and arm with one final disposition: private folder only.

    Attributes
    ----------
    disposition : str
        One of `DISPOSITIONS`.
    n, n_clusters : int
        Units, and the clusters they lie in.
    """

    study: str
    round: str
    arm: str
    disposition: Disposition
    n: int
    n_clusters: int


def check_contacts(contacts: Contacts, *, where: str) -> None:
    """Refuse a share that is none.

    Raises
    ------
    SpecError
        ``eligible_share`` outside 0 to 1.
    """
    share = contacts.eligible_share
    if share is not None and not 0.0 <= share <= 1.0:
        raise SpecError(
            message("is.problem", share=f"{share:g}"),
            where=where,
            mend=message("write-aapor-share.mend"),
        )
