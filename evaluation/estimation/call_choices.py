"""What a call without a plan may ask for, and what there is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from numbers import Integral, Real
from typing import Literal, TypeVar, get_args

from evaluation.errors import EstimationError
from evaluation.estimation.dataframe_study import WHERE, Variables, call_error
from evaluation.estimation.inference.bootstrap import Kind
from evaluation.estimation.records import Estimand, Step
from evaluation.locale.messages import Message, Plain, ResultNumber, message

# Draws of which none could be below the 5 % that everybody asks about.
FEWEST = 20
OneRound = Literal["refuse", "drop"]
# what two rounds have; the rest is of counts in many periods
TwoRoundStep = Literal["cv1", "cv3", "cr2", "wcr", "wcr_s", "ri"]
TwoRoundEstimand = Literal["equal", "population", "respondents"]
STEPS: tuple[Step, ...] = get_args(TwoRoundStep)
ESTIMANDS: tuple[Estimand, ...] = get_args(TwoRoundEstimand)
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """Everything that is asked for beside columns; see `did.estimate`."""

    estimand: Estimand
    steps: Sequence[Step]
    draws: int
    seed: int
    level: float
    weights_kind: Kind
    one_round: OneRound


def check(variables: Variables, choices: CallOptions, *, outcomes: Sequence[str] = ()) -> None:
    """Refuse what is no column's name, or no choice there is.

    Parameters
    ----------
    variables : Variables
    choices : CallOptions
    outcomes : sequence of str
        Where there are several, in place of the variables' one.

    Raises
    ------
    EstimationError
        A name is not text, there are no weights, a choice does not exist or is given twice, or the
        estimand lacks its populations.
    """
    check_columns(variables, choices.estimand)
    check_parts(
        [("outcome", name) for name in outcomes or (variables.outcome,)],
        [("treated", variables.treated), ("post", variables.post), ("cluster", variables.cluster)],
        [("covariates", name) for name in variables.covariates],
    )
    for name, known in (("one_round", get_args(OneRound)), ("weights_kind", get_args(Kind))):
        check_one_of(getattr(choices, name), known, message("word.a-choice", name=name))
    check_steps(choices.steps, STEPS)
    check_numbers(draws=choices.draws, seed=choices.seed, level=choices.level)


def check_columns(variables: Variables, estimand: object) -> None:
    """Refuse what is no column's name, and an estimand that does not exist or lacks its column.

    Parameters
    ----------
    variables : Variables
    estimand : str
    """
    _check_names(variables)
    check_one_of(estimand, ESTIMANDS, message("word.an-estimand"))
    if estimand == "population" and not variables.population:
        raise call_error("population-weighted", "pass-population")


def listed(names: Iterable[Name], argument: str) -> tuple[Name, ...]:
    """Several names, of which one alone must stand in a list all the same.

    Parameters
    ----------
    names : iterable of str
    argument : str
        What the call names them by.

    Raises
    ------
    EstimationError
        They are one text, whose letters would be taken for names, or are not several.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise call_error("not-a-list", "not-a-list", argument=argument, names=repr(names))
    return tuple(names)


def check_weights(weights: object) -> None:
    """Refuse what names no weights.

    Parameters
    ----------
    weights : str
        Column, or "none".
    """
    if not isinstance(weights, str) or not weights:
        raise call_error("weights", "write-weights", weights=repr(weights))


def check_parts(*named: Iterable[tuple[str, str]]) -> None:
    """Refuse a column that a call names for two things that cannot be one.

    Parameters
    ----------
    *named : iterable of (str, str)
        Arguments, each with a column.
    """
    seen: dict[str, str] = {}
    for argument, name in (pair for pairs in named for pair in pairs):
        if name in seen:
            one, two = f"{seen[name]}=", f"{argument}="
            raise call_error("column-for-two", "column-for-two", name=name, one=one, two=two)
        seen[name] = argument


def _check_names(variables: Variables) -> None:
    check_weights(variables.weights)
    for field in fields(variables):
        given = getattr(variables, field.name)
        needed = field.name in ("outcome", "treated", "post", "cluster")
        for name in given if field.name == "covariates" else (given,):
            if not isinstance(name, str) or (needed and not name):
                raise call_error(
                    "not-name-column", "write-name-column", name=field.name, name_other=repr(name)
                )
    _check_once(variables.covariates, "covariate")


def check_steps(steps: Sequence[str], known: tuple[str, ...]) -> None:
    """Refuse methods of inference that there are not, that are named twice, or none.

    Parameters
    ----------
    steps : sequence of str
    known : tuple of str
        Those that a call has.
    """
    if not steps:
        raise call_error("no-inference", "coding", codings=", ".join(known))
    for step in steps:
        check_one_of(step, known, message("word.an-inference-step"))
    _check_once(steps, "step")


def check_numbers(*, draws: int, seed: int, level: float) -> None:
    """Refuse numbers of a call that cannot be.

    Parameters
    ----------
    draws, seed : int
    level : float
    """
    check_whole(draws=draws, seed=seed)
    if draws < FEWEST:
        raise call_error("draws-few", "draws-few", draws=draws, least=Plain(FEWEST))
    check_level(level)


def check_whole(**given: object) -> None:
    """Refuse what is no whole number.

    Parameters
    ----------
    **given : int
        Numbers by argument.
    """
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise call_error("not-whole", "not-whole", name=name, value=repr(value))


def check_level(level: object) -> None:
    """Refuse a confidence level that is none.

    Parameters
    ----------
    level : float
    """
    if not _is_share(level):
        raise call_error("level", "write-share-such", level=repr(level))


def check_between(low: float, high: float, /, **given: object) -> None:
    """Refuse what is no number between two others.

    Parameters
    ----------
    low, high : float
        Neither is a value itself.
    **given : float
        Numbers by argument.
    """
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            raise call_error("number-of-call", "number-of-call", name=name, value=repr(value))
        if not low < float(value) < high:
            low_end, high_end = (ResultNumber(f"{end:g}") for end in (low, high))
            raise call_error(
                "not-between",
                "number-of-call",
                name=name,
                value=repr(value),
                low=low_end,
                high=high_end,
            )


def _is_share(value: object) -> bool:
    return isinstance(value, Real) and 0.5 <= float(value) < 1.0


def check_one_of(value: object, known: tuple[str, ...], kind: Message) -> None:
    """Refuse a choice that there is not.

    Parameters
    ----------
    value : object
    known : tuple of str
    kind : Message
        What it is a choice of.
    """
    if value not in known:
        raise EstimationError(
            message("not-one-of.problem", value=repr(value), kind=kind),
            where=WHERE,
            fix=message("choose-one.problem", choices=", ".join(known)),
            rule="sample",
        )


def _check_once(names: Sequence[str], kind: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise call_error(
            "covariate-twice" if kind == "covariate" else "step-twice",
            "name-each-once",
            name=twice[0],
        )
