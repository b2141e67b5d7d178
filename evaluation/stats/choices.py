"""What a call without a plan may ask for, checked before anything is computed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Literal, TypeVar, get_args

import pandas as pd

from evaluation.locale.messages import Message, message
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
            message("frame-not-dataframe.problem", name=type(frame).__name__),
            message("pass-pandas-dataframe.mend"),
        )
    _check_names(variables)
    _check_one_of(choices.estimand, get_args(Estimand), message("word.an-estimand"))
    for name, known in (("one_round", get_args(OneRound)), ("weights_kind", get_args(Kind))):
        _check_one_of(getattr(choices, name), known, message("word.a-choice", name=name))
    _check_steps(choices.steps)
    _check_numbers(choices)
    if choices.estimand == "population" and not variables.population:
        raise error(message("population-weighted.problem"), message("pass-population.mend"))


def listed(names: Iterable[Name], argument: str) -> tuple[Name, ...]:
    """Several names, of which one alone must stand in a list all the same.

    Raises
    ------
    EstimationError
        They are one text, whose letters would be taken for names, or are not several.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise error(
            message("not-a-list.problem", argument=argument, names=repr(names)),
            message("not-a-list.mend", argument=argument),
        )
    return tuple(names)


def _check_names(variables: Variables) -> None:
    if not isinstance(variables.weights, str) or not variables.weights:
        raise error(
            message("weights.problem", weights=repr(variables.weights)),
            message("write-weights.mend"),
        )
    for field in fields(variables):
        given = getattr(variables, field.name)
        needed = field.name in ("outcome", "treated", "post", "cluster")
        for name in given if isinstance(given, tuple) else (given,):
            if not isinstance(name, str) or (needed and not name):
                raise error(
                    message("not-name-column.problem", name=field.name, name_other=repr(name)),
                    message("write-name-column.mend"),
                )
    _check_once(variables.covariates, "covariate")


def _check_steps(steps: Sequence[Step]) -> None:
    if not steps:
        raise error(
            message("no-inference.problem"),
            message("coding.mend", codings=", ".join(get_args(Step))),
        )
    for step in steps:
        _check_one_of(step, get_args(Step), message("word.an-inference-step"))
    _check_once(steps, "step")


def _check_numbers(choices: Choices) -> None:
    for name, value in (("draws", choices.draws), ("seed", choices.seed)):
        if not _is_whole(value):
            raise error(
                message("not-whole.problem", name=name, value=repr(value)),
                message("not-whole.mend", name=name),
            )
    if choices.draws < 1:
        raise error(
            message("draws-least-needed.problem", draws=choices.draws),
            message("ask-positive-number-draws.mend"),
        )
    if not _is_share(choices.level):
        raise error(
            message("level.problem", level=repr(choices.level)), message("write-share-such.mend")
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_share(value: object) -> bool:
    return isinstance(value, Real) and 0.5 <= float(value) < 1.0


def _check_one_of(value: object, known: tuple[str, ...], kind: Message) -> None:
    if value not in known:
        raise error(
            message("not-one-of.problem", value=repr(value), kind=kind),
            message("choose-one.problem", choices=", ".join(known)),
        )


def _check_once(names: Sequence[str], kind: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise error(message(f"{kind}-twice.problem", name=twice[0]), message("name-each-once.mend"))
