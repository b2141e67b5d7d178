"""What all doors share: a refusal names the door that was called, an argument a column."""

import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from evaluation.errors import EstimationError
from evaluation.estimation import dataframe_study
from evaluation.locale.messages import LANGUAGES, Message, message

DOORS = ("did", "ancova", "regression", "event_study", "balance", "bounds", "planned design")
# how the one specification of a frame is named inside
INSIDE = f"specification {dataframe_study.WHERE}"
Inputs = ParamSpec("Inputs")
Found = TypeVar("Found")


def door(name: str) -> Callable[[Callable[Inputs, Found]], Callable[Inputs, Found]]:
    """Decorator of a public function: its refusals begin with its own name.

    Parameters
    ----------
    name : str
        Of the function. Several share their estimators, which name the call that they were
        written for.
    """

    def decorated(call: Callable[Inputs, Found]) -> Callable[Inputs, Found]:
        @functools.wraps(call)
        def called(*args: Inputs.args, **kwargs: Inputs.kwargs) -> Found:
            try:
                return call(*args, **kwargs)
            except EstimationError as error:
                error.where = _at(error.where, name)
                raise

        return called

    return decorated


def _at(where: str | Message, name: str) -> str | Message:
    if isinstance(where, str):
        if where.startswith(INSIDE):
            return name + where.removeprefix(INSIDE)
        first, comma, outcome = where.partition(",")
        if first in DOORS:
            return f"{name}{comma}{outcome}"
    return where


def check_names(**given: object) -> None:
    """Refuse arguments that are no column's name.

    Parameters
    ----------
    **given : str
        Names by argument.

    Raises
    ------
    EstimationError
    """
    for argument, name in given.items():
        if not isinstance(name, str) or not name:
            raise dataframe_study.call_error(
                "not-name-column", "write-name-column", name=argument, name_other=repr(name)
            )


def check_lists(**given: Iterable[object]) -> None:
    """Refuse lists of which some part is no column's name.

    Parameters
    ----------
    **given : iterable of str
        Names by argument.

    Raises
    ------
    EstimationError
    """
    for argument, names in given.items():
        for name in names:
            check_names(**{argument: name})


def check_terms(**given: Iterable[object]) -> None:
    """Refuse terms that are neither a column's name nor a tuple of several.

    Parameters
    ----------
    **given : sequence of str or tuple of str
        Terms by argument.

    Raises
    ------
    EstimationError
    """
    for argument, terms in given.items():
        for term in terms:
            names = term if isinstance(term, tuple) else (term,)
            if not names or not all(isinstance(name, str) and name for name in names):
                raise dataframe_study.call_error(
                    "not-name-column", "write-term", name=argument, name_other=repr(term)
                )


def check_language(language: object, where: str) -> None:
    """Refuse a language that results have no words in.

    Parameters
    ----------
    language : str
    where : str
        Name of the method.

    Raises
    ------
    EstimationError
    """
    if language not in LANGUAGES:
        raise EstimationError(
            message("not-one-of.problem", value=repr(language), kind=message("word.a-language")),
            where=where,
            fix=message("choose-one.problem", choices=", ".join(LANGUAGES)),
        )
