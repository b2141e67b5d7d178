"""What a study declares for its fieldwork: interviews per cluster, and how back-checks are read.

And the records that fieldwork leaves: progress, back-check rates, interviewers, item
non-response, and the part of the panel that was found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evaluation.config.toml_reader import TomlFile

Type = Literal[1, 2, 3]
# in the place of a number that needs a target, where the study declares none
NotGiven = Literal["not given"]
NOT_GIVEN: NotGiven = "not given"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackcheckTypes:
    """Questions of a back-check by type.

    Attributes
    ----------
    type_1 : tuple of str
        Facts that anybody would tell the same way twice: a difference is the interviewer's.
    type_2 : tuple of str
        Questions that are hard to ask well: differences tell what to train.
    type_3 : tuple of str
        Questions that are hard to answer, or that change: differences tell how far to trust them.
    tolerance : dict of str to float
        Largest difference, in the variable's unit, that counts as the same answer.
    """

    type_1: tuple[str, ...] = ()
    type_2: tuple[str, ...] = ()
    type_3: tuple[str, ...] = ()
    tolerance: dict[str, float] = field(default_factory=dict)

    def by_variable(self) -> dict[str, Type]:
        """Type of each declared variable, in order of type."""
        return {
            **dict.fromkeys(self.type_1, 1),
            **dict.fromkeys(self.type_2, 2),
            **dict.fromkeys(self.type_3, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Interviews held against the number wanted.

    Attributes
    ----------
    level : {"cluster", "arm", "department", "all"}
        What ``name`` names. Rows of level cluster name a place: private folder only.
    n : int
        Respondents with a consented interview, each id once.
    target : int or "not given"
        Interviews wanted; not given where the study declares none.
    n_clusters, n_clusters_begun : int
        Clusters of the frame there; with any interview.
    n_clusters_full : int or "not given"
        Clusters with as many interviews as wanted.
    """

    study: str
    round: str
    level: Literal["cluster", "arm", "department", "all"]
    name: str
    n: int
    target: int | NotGiven
    n_clusters: int
    n_clusters_begun: int
    n_clusters_full: int | NotGiven


@dataclass(frozen=True, slots=True, kw_only=True)
class BackcheckRate:
    """How often a back-check got another answer than the interview.

    Attributes
    ----------
    type : {1, 2, 3}
        Of the questions counted.
    variable, interviewer : str
        Empty where counted over all. Rows with an interviewer name a person: private folder only.
    n, n_different : int
        Pairs of answers compared, and those that differ.
    rate : float
        ``n_different / n``; NaN where nothing was compared.
    """

    study: str
    round: str
    type: int
    variable: str
    interviewer: str
    n: int
    n_different: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BackcheckShare:
    """How often the back-check of a finished round got another answer, over all interviewers.

    Attributes
    ----------
    type : {1, 2, 3}
        Of the questions counted.
    variable : str
        Empty where counted over all questions of the type.
    n, n_different : int
        Pairs of answers compared, and those that differ.
    n_again : int
        Interviews of the back-check.
    n_paired, n_clusters : int
        Interviews of the round that were compared with one of them, and their clusters.
    """

    study: str
    round: str
    type: int
    variable: str
    n: int
    n_different: int
    n_again: int
    n_paired: int
    n_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewerWork:
    """One interviewer's round in numbers. Names a person: private folder only.

    Shares are from 0 to 1, minutes the median; NaN where nothing was noted.
    """

    study: str
    round: str
    interviewer: str
    n: int
    n_clusters: int
    n_days: int
    minutes: float
    n_short: int
    dont_know: float
    refused: float
    one_answer: float
    n_overlapping: int
    n_near_identical: int
    n_findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMissing:
    """Item non-response of one question by kind; shares of those who were asked."""

    study: str
    round: str
    variable: str
    n_asked: int
    dont_know: float
    refused: float
    unreadable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAgain:
    """Part of the baseline's respondents in one arm and department who were interviewed again.

    ``n`` and ``n_again`` count interviews, for the disclosure rule. ``weight`` and
    ``weight_again`` are the same sums by the weights of the primary specification; their ratio is
    the share that is shown, one definition for every page. NaN where a weight is missing.
    """

    study: str
    arm: str
    department: str
    n: int
    n_again: int
    n_clusters: int
    weight: float
    weight_again: float


def check_fieldwork(
    targets: Mapping[str, int],
    backcheck: BackcheckTypes | None,
    *,
    rounds: Sequence[str],
    toml: TomlFile,
) -> None:
    """Refuse targets of unknown rounds, targets below one, and questions of two types.

    Parameters
    ----------
    targets : mapping of round to int
    backcheck : BackcheckTypes or None
    rounds : sequence of str
        Ids of the study's rounds.
    toml : TomlFile
        That they stand in.

    Raises
    ------
    SpecError
        Names the key and the fix.
    """
    for round_id, target in targets.items():
        toml.known(round_id, rounds, "round", f"targets.{round_id}")
        toml.refuse(
            target < 1, "fieldwork-is", "give-number-interviews", round_id=round_id, target=target
        )
    if backcheck is None:
        return
    named = [*backcheck.type_1, *backcheck.type_2, *backcheck.type_3]
    toml.unique(named, "back-check variable")
    for name, tolerance in backcheck.tolerance.items():
        toml.known(name, named, "variable", "backcheck.tolerance")
        toml.refuse(
            not tolerance >= 0,
            "fieldwork-backcheck-tolerance-is",
            "give-largest",
            name=name,
            tolerance=f"{tolerance:g}",
        )


def spelled_out(table: dict[str, Any], toml: TomlFile) -> dict[str, Any]:
    """The table with what ``comparison`` and ``days`` say in short written in full.

    ``comparison = "control"`` is an arm without treatments beside arms that received the one
    treatment; ``days = { baseline = [first, last], ... }`` are ``start`` and ``end`` of the rounds.

    Parameters
    ----------
    table : dict
        Of ``study.toml``.
    toml : TomlFile

    Raises
    ------
    SpecError
        Both ways are used at once; the comparison is no arm; there are several treatments.
    """
    table = dict(table)
    arms, rounds = table.get("arm", []), table.get("round", [])
    if "comparison" in table:
        comparison, ids = table.pop("comparison"), [arm.get("id") for arm in arms]
        toml.known(comparison, ids, "arm", "comparison")
        given = [str(arm["id"]) for arm in arms if "treatments" in arm]
        toml.refuse(given, "comparison-and-treatments", "comparison-and-treatments", id=given[:1])
        treatments = [entry.get("id") for entry in table.get("treatment", [])]
        several = len(treatments) != 1
        toml.refuse(several, "comparison-of-one", "comparison-of-one", n=len(treatments))
        table["arm"] = [
            arm | {"treatments": [] if arm.get("id") == comparison else treatments} for arm in arms
        ]
    days, ids = table.pop("days", {}), [str(entry.get("id", "?")) for entry in rounds]
    toml.refuse(not isinstance(days, dict), "days-of-rounds", "days-of-rounds")
    toml.known(days, ids, "round", "days")
    if rounds:
        table["round"] = [
            _with_days(entry, name, days, toml) for name, entry in zip(ids, rounds, strict=True)
        ]
    return table


def _with_days(
    entry: dict[str, Any], name: str, days: Mapping[str, Any], toml: TomlFile
) -> dict[str, Any]:
    """A round with its first and last day, which stand in one of two places."""
    itself = {"start", "end"} & set(entry)
    if name not in days:
        toml.refuse(not itself, "key-missing", "days-of-rounds", path=f"days.{name}")
        return entry
    pair = days[name]
    wrong = bool(itself) or not isinstance(pair, list) or len(pair) != len(("first", "last"))
    toml.refuse(wrong, "days-of-round", "days-of-rounds", id=name)
    return entry | {"start": pair[0], "end": pair[1]}
