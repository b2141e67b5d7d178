"""What a call without a plan may ask for, checked before anything is computed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Literal, TypeVar, get_args

import pandas as pd

from evaluation.spec.records import Estimand, Step
from evaluation.stats.bootstrap import Kind
from evaluation.stats.in_memory import Variables, error

OneRound = Literal["refuse", "drop"]
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Everything that is asked for beside columns; see `did.two_rounds`."""

    estimand: Estimand
    steps: Sequence[Step]
    draws: int
    seed: int
    level: float
    weights_kind: Kind
    one_round: OneRound


def check(frame: pd.DataFrame, variables: Variables, choices: Choices) -> None:
    """Refuse what is no frame, no column's name, or no choice there is.

    Parameters
    ----------
    frame : DataFrame
    variables : Variables
    choices : Choices

    Raises
    ------
    EstimationError
        The frame is of another kind, a name is not text, there are no weights, a choice does not
        exist or is given twice, or the estimand lacks its populations.
    """
    if not isinstance(frame, pd.DataFrame):
        raise error(
            f"the frame is a {type(frame).__name__}, not a DataFrame", "pass pandas.DataFrame(...)"
        )
    _check_names(variables)
    _check_one_of(choices.estimand, get_args(Estimand), "an estimand")
    _check_one_of(choices.one_round, get_args(OneRound), "a choice of one_round")
    _check_one_of(choices.weights_kind, get_args(Kind), "a choice of weights_kind")
    _check_steps(choices.steps)
    _check_numbers(choices)
    if choices.estimand == "population" and not variables.population:
        raise error(
            "the population-weighted estimand needs each cluster's population",
            "pass population=, the name of its column",
        )


def listed(names: Iterable[Name], argument: str) -> tuple[Name, ...]:
    """Several names, of which one alone must stand in a list all the same.

    Raises
    ------
    EstimationError
        They are one text, whose letters would be taken for names, or are not several.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise error(f"{argument} is {names!r}, not a list", f'write {argument}=["...", "..."]')
    return tuple(names)


def _check_names(variables: Variables) -> None:
    if not isinstance(variables.weights, str) or not variables.weights:
        raise error(
            f"weights is {variables.weights!r}",
            'write weights="none" for equal weights, or the name of a column',
        )
    for field in fields(variables):
        given = getattr(variables, field.name)
        needed = field.name in ("outcome", "treated", "post", "cluster")
        for name in given if isinstance(given, tuple) else (given,):
            if not isinstance(name, str) or (needed and not name):
                raise error(
                    f"{field.name} is {name!r}, not the name of a column",
                    "write the name of a column, as text",
                )
    _check_once(variables.covariates, "covariate")


def _check_steps(steps: Sequence[Step]) -> None:
    if not steps:
        raise error("no inference step", f"choose from {', '.join(get_args(Step))}")
    for step in steps:
        _check_one_of(step, get_args(Step), "an inference step")
    _check_once(steps, "step")


def _check_numbers(choices: Choices) -> None:
    for name, value in (("draws", choices.draws), ("seed", choices.seed)):
        if not _is_whole(value):
            raise error(f"{name} is {value!r}", f"write a whole number, such as {name}=1")
    if choices.draws < 1:
        raise error(
            f"{choices.draws} draws; at least 1 is needed", "ask for a positive number of draws"
        )
    if not _is_share(choices.level):
        raise error(f"the level is {choices.level!r}", "write a share such as 0.95")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_share(value: object) -> bool:
    return isinstance(value, Real) and 0.5 <= float(value) < 1.0


def _check_one_of(value: object, known: tuple[str, ...], kind: str) -> None:
    if value not in known:
        raise error(f"{value!r} is not {kind}", f"choose one of {', '.join(known)}")


def _check_once(names: Sequence[str], kind: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise error(f"the {kind} {twice[0]} is asked for twice", "name each once")
