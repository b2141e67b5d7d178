"""Sampled units and weights of a study: tables ``[contacts]`` and ``[weights]`` of ``study.toml``.

Final dispositions and rates are those of AAPOR, Standard Definitions (9th edition 2016, pp. 61 to
64; 10th edition 2023), for surveys that sample people in their homes.
"""

import itertools
import math
from dataclasses import dataclass, field
from typing import Literal

from evaluation.config.toml_reader import TomlFile

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
CONTACTS_ROLE = "contacts"


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


def check_contacts(contacts: Contacts, toml: TomlFile) -> None:
    """Refuse a share outside 0 to 1.

    Parameters
    ----------
    contacts : Contacts
    toml : TomlFile
        That they stand in.

    Raises
    ------
    SpecError
        ``eligible_share`` outside 0 to 1.
    """
    share = 0.0 if contacts.eligible_share is None else contacts.eligible_share
    toml.refuse(not 0.0 <= share <= 1.0, "is", "write-aapor-share", share=f"{share:g}")


MARGINS_ROLE = "margins"
Level = Literal["all", "stratum", "cluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMargin:
    """A population margin: the cells of one variable, or of several crossed."""

    id: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """Table ``[weights]`` of the study: weights are built instead of taken.

    The weight of an interview is 1 / (product of its selection probabilities), times the
    adjustment for non-response of its cell, raked to the margins, and cut at the bound. It becomes
    the variable that ``columns.weight`` names, which then has no raw column.

    Attributes
    ----------
    probabilities : tuple of str
        Variables of the survey rounds: probability of each stage, above 0 up to 1.
    cells : tuple of str
        Variables, of the contacts and of the rounds, whose crossed values are the cells of the
        adjustment for non-response; empty for none.
    sampled : {"weights", "counts"}
        Whether sampled units of a cell count by their base weight (the contacts then have the
        probabilities too) or each once.
    margin : tuple of KnownMargin
        Margins to rake to; the file with role ``margins`` has their people.
    people : str
        Variable of that file: people in a cell. A row belongs to the margin whose variables have a
        value in it.
    round : str
        Variable of that file that says which round a row is for; empty where all rounds have the
        same margins.
    bands : dict of str to tuple of float
        Lower ends of the groups of a number (age = [18, 30, 45]); the file of margins has the lower
        end as the value.
    bound : float, optional
        Largest weight as a multiple of the round's median; None cuts nothing.
    """

    probabilities: tuple[str, ...]
    cells: tuple[str, ...] = ()
    sampled: Literal["weights", "counts"] = "weights"
    margin: tuple[KnownMargin, ...] = ()
    people: str = ""
    round: str = ""
    bands: dict[str, tuple[float, ...]] = field(default_factory=dict)
    bound: float | None = None

    @property
    def margin_variables(self) -> tuple[str, ...]:
        """Variables of all margins, each once."""
        return tuple(dict.fromkeys(name for m in self.margin for name in m.variables))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightCheck:
    """Weights of a round, of one of its strata or of one of its clusters.

    Attributes
    ----------
    level : {"all", "stratum", "cluster"}
        What ``name`` names. Rows of level cluster name a place: private folder only.
    total : float
        Sum of the weights.
    people : float
        Population of the frame there; NaN where the frame has none.
    coverage : float
        ``total / people`` over the same of the whole round: 1 where weights follow the frame,
        whatever their unit.
    design_effect : float
        Kish's n sum w^2 / (sum w)^2. At the level of all, the mean over clusters: what unequal
        weights inside a cluster cost.
    largest_to_smallest : float
        Ratio of the largest and the smallest weight; at the level of all, the largest of any
        cluster.
    share_change : float
        Share of the round's weight over the share in the round before; NaN in the first.
    whole_design_effect : float
        Kish's n sum w^2 / (sum w)^2 over all interviews there, wherever they lie: what unequal
        weights cost an estimate that weights every interview by them.
    variation : float
        Coefficient of variation of the weights, the square root of ``whole_design_effect`` - 1.
    n_cut : int
        Weights of a round that stand at the bound that the study declares; -1 where it declares
        none, and for strata and clusters.
    """

    study: str
    round: str
    level: Level
    name: str
    n: int
    n_clusters: int
    total: float
    people: float
    coverage: float
    design_effect: float
    largest_to_smallest: float
    share_change: float
    whole_design_effect: float = math.nan
    variation: float = math.nan
    n_cut: int = -1


def check_weighting(weighting: Weighting, *, weight: str | None, toml: TomlFile) -> None:
    """Refuse what a table ``[weights]`` may not say.

    Parameters
    ----------
    weighting : Weighting
    weight : str or None
        Variable that ``columns.weight`` names.
    toml : TomlFile
        That it stands in.

    Raises
    ------
    SpecError
        Names the key and the fix.
    """
    toml.refuse(weight is None, "table-no", "name-variable-built")
    toml.refuse(
        not weighting.probabilities,
        "empty-key",
        "name-variables-selection",
        key="weights.probabilities",
    )
    toml.unique((m.id for m in weighting.margin), "weights.margin")
    sets = [frozenset(m.variables) for m in weighting.margin]
    alike = len(set(sets)) < len(sets) or frozenset() in sets
    toml.refuse(alike, "two-margins-same", "give-each-margin")
    apart = bool(weighting.margin) != bool(weighting.people)
    toml.refuse(apart, "do-not-go", "name-variable-margins")
    for name, ends in weighting.bands.items():
        toml.known(
            name, (*weighting.margin_variables, *weighting.cells), "variable", "weights.bands"
        )
        wrong = not ends or any(b <= a for a, b in itertools.pairwise(ends))
        toml.refuse(wrong, "not-ascending", "list-lower-end", name=name)
    if weighting.bound is not None:
        wrong, bound = not 1.0 < weighting.bound < math.inf, f"{weighting.bound:g}"
        toml.refuse(wrong, "weighting-is", "write-multiple", bound=bound)
