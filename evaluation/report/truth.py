"""What the demonstration data are drawn from: constructs, items and known effects (``truth.toml``).

The demonstration's maker (``tools/demo``), the recovery tests and the table of what was recovered
read it; no estimate does.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from evaluation.config.design_records import TrueEffect
from evaluation.config.dictionary import CodeList, Dictionary, Variable
from evaluation.config.toml_reader import Text, TomlFile, named, read

# the scenario that the committed files are drawn from
PUBLISHED = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Sample sizes and correlations common to all constructs.

    Attributes
    ----------
    interviews : int
        Adults per municipality and round.
    interviewers : int
        Who hold them, a team of so many in a municipality and round; a round has its own people.
    interviewer_icc : float
        Share of the variance within a municipality and round that lies between its interviewers.
    autocorrelation : float
        Share of the municipal variance that is the same in both rounds (CAC).
    common : float
        Share of the variance between people of one interviewer that a construct's items share.
    persistence : float
        Correlation over rounds of one person's answer, within municipality.
    recontact_treated, recontact_comparison : float
        Shares of baseline respondents found again under planned attrition.
    """

    interviews: int
    interviewers: int
    interviewer_icc: float
    autocorrelation: float
    common: float
    persistence: float
    recontact_treated: float
    recontact_comparison: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """A latent dimension; shifts in its SD, ``general`` the loading on the factor all share.

    ``autocorrelation`` is its own where it is not that of the settings.
    """

    id: str
    icc: float
    general: float
    rural: float
    treated: float
    endline: float
    better: Literal[-1, 1]
    autocorrelation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemModel:
    """How a variable follows its construct.

    Attributes
    ----------
    shares : tuple of float
        Baseline shares of the values in ascending order, or of the ones where there is a single
        number.
    dont_know, refused : float
        Shares of item non-response, unrelated to the answer.
    sign : {-1, 1}
        Whether more of the construct means more or less of the variable.
    values : tuple of float
        Values of a variable without a code list, ascending.
    added : bool
        Whether the question joined the survey after its first draw: it has a stream of random
        numbers of its own, so that no answer drawn before changes.
    """

    variable: str
    construct: str
    shares: tuple[float, ...]
    dont_know: float
    refused: float
    sign: Literal[-1, 1] = 1
    values: tuple[float, ...] = ()
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """How people choose what worries them most, a question that was added.

    Each answer has the log of its share, a municipality's own deviation (``municipal`` SD, the
    same in both rounds), ``experience`` more where the person went through it, and a person's own
    taste; the highest is chosen. ``events`` are the items behind each answer.
    """

    variable: str
    shares: dict[str, float]
    events: dict[str, tuple[str, ...]]
    municipal: float
    experience: float
    dont_know: float
    refused: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanalysed:
    """A question that is delivered and that the study's dictionary does not hold.

    ``before`` is the variable whose column follows; ``codes`` are needed where the dictionary has
    no such list.
    """

    before: str
    variable: Variable
    codes: CodeList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstructEffect:
    """Effect on a construct by entry cohort, in latent SD."""

    construct: str
    c2021: float
    c2022: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueSilence:
    """Item non-response beyond an item's own, in one group and round.

    Attributes
    ----------
    items : tuple of str
        Variables that are refused.
    arm, round : str
        Group and round in which.
    no, yes : float
        Further share of people who refuse an item, of those who would have said no and yes.
    """

    items: tuple[str, ...]
    arm: str
    round: str
    no: float
    yes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One truth: its effects and, where trends are violated, what would have happened anyway.

    Attributes
    ----------
    trend : float
        Change of every construct toward its better end, in treated municipalities, that is not
        the programme's; latent SD.
    series_trend : float
        Differential trend of the administrative counts, log points per quarter.
    series_effect : float
        Effect on homicides after entry, log points.
    expected : tuple of TrueEffect
        What the effects come to in outcomes' own units, had everybody answered.
    silence : tuple of TrueSilence
    """

    label: Text
    trend: float
    series_trend: float
    series_effect: float
    effects: tuple[ConstructEffect, ...]
    expected: tuple[TrueEffect, ...]
    silence: tuple[TrueSilence, ...] = ()

    def effect(self, construct: str, cohort: str) -> float:
        """Latent effect on a construct in a cohort; zero where none is stated."""
        for effect in self.effects:
            if effect.construct == construct:
                return {"c2021": effect.c2021, "c2022": effect.c2022}.get(cohort, 0.0)
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthFile:
    """``truth.toml`` as it stands."""

    seed_entry: str
    settings: Settings
    construct: tuple[Construct, ...]
    item: tuple[ItemModel, ...]
    worry: Worry
    unanalysed: tuple[Unanalysed, ...]
    truth: dict[str, Scenario]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The model with one scenario chosen."""

    name: str
    seed_entry: str
    settings: Settings
    constructs: dict[str, Construct]
    items: dict[str, ItemModel]
    worry: Worry
    unanalysed: tuple[Unanalysed, ...]
    scenario: Scenario

    def asked(self, dictionary: Dictionary) -> Dictionary:
        """The dictionary with the questions that are delivered and not analysed."""
        variables, codes = dict(dictionary.variables), dict(dictionary.codes)
        for entry in self.unanalysed:
            if entry.codes is not None:
                codes[entry.codes.id] = entry.codes
            names = [*variables]
            names.insert(names.index(entry.before), entry.variable.name)
            known = variables | {entry.variable.name: entry.variable}
            variables = {name: known[name] for name in names}
        return replace(dictionary, variables=variables, codes=codes)

    @property
    def added(self) -> tuple[str, ...]:
        """Variables of the questions that were added, in the order of their columns."""
        return (self.worry.variable, *(name for name, i in self.items.items() if i.added))


def read_truth(folder: Path, name: str) -> Truth:
    """Read one scenario of a study's ``truth.toml``.

    Parameters
    ----------
    folder : Path
        The study's config folder.
    name : str
        ``default``, ``exchanged``, ``strong``, ``none`` or ``violated``.

    Raises
    ------
    SpecError
        Any key, type or reference that does not hold; shares that do not add up.
    """
    toml, file = TomlFile(named(folder, "truth.toml")), read(TruthFile, folder, "truth.toml")
    toml.known(name, file.truth, "truth", "truth")
    constructs = {c.id: c for c in file.construct}
    toml.unique((i.variable for i in file.item), "item")
    for item in file.item:
        toml.known(item.construct, constructs, "construct", item.variable)
        total, binary = math.fsum(item.shares), len(item.shares) == 1
        whole = total < 1 if binary else abs(total - 1) <= 1e-9
        toml.refuse(
            min(item.shares) <= 0 or not whole,
            "shares-not-distribution",
            "give-positive",
            variable=item.variable,
        )
    scenario, items = file.truth[name], {i.variable: i for i in file.item}
    toml.known([e for es in file.worry.events.values() for e in es], items, "item", "worry")
    toml.known([e.construct for e in scenario.effects], constructs, "construct", name)
    for silence in scenario.silence:
        toml.known(silence.items, items, "item", name)
    return Truth(
        name=name,
        seed_entry=file.seed_entry,
        settings=file.settings,
        constructs=constructs,
        items=items,
        worry=file.worry,
        unanalysed=file.unanalysed,
        scenario=scenario,
    )
