"""One exception family: each message says what is wrong, where, under which rule, and the fix.

The command line prints these messages and exits 1; nothing else in the package is allowed to
reach a user as a traceback. Messages never carry a respondent's row, only its key (file:line).
"""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, TypeVar

from evaluation.locale.messages import Message, holes, message

Where = str | Message


def problem_and_fix(
    problem: str | Message, fix: str | Message, parameters: Mapping[str, object]
) -> tuple[Message, Message]:
    """Two messages, each with those of the parameters that its entry has a hole for.

    Parameters
    ----------
    problem, fix : str or Message
        A message as it is; or the id of an entry, which gets the ending ``.problem`` or ``.fix``
        where it has no point.
    parameters : mapping of str to value
        What both entries have a hole for gets the same value.

    Raises
    ------
    KeyError
        There is no such entry, a hole has no parameter, or a parameter no hole.
    """
    first, second = _filled(problem, ".problem", parameters), _filled(fix, ".fix", parameters)
    spare = parameters.keys() - dict((*first.parameters, *second.parameters)).keys()
    if spare:
        raise KeyError(", ".join(sorted(spare)))
    return first, second


def _filled(said: str | Message, ending: str, parameters: Mapping[str, object]) -> Message:
    if isinstance(said, Message):
        return said
    name = said if "." in said else f"{said}{ending}"
    return message(name, **{hole: v for hole, v in parameters.items() if hole in holes(name)})


class EvaluationError(Exception):
    """A problem a user can fix.

    Parameters
    ----------
    problem : Message
        What is wrong, in one sentence, with the offending value only where it may be shown.
    where : str or Message
        File, and line, column, key or row key as far as they are known; a message where it has
        words of a language.
    fix : Message
        What the reader should do about it.
    rule : str, optional
        Id of the rule that was broken (the ids of the findings report).
    """

    def __init__(self, problem: Message, *, where: Where, fix: Message, rule: str = "") -> None:
        self.problem, self.where, self.fix, self.rule = problem, where, fix, rule
        super().__init__(problem)

    @classmethod
    def of(
        cls,
        problem: str | Message,
        fix: str | Message,
        where: Where,
        /,
        *,
        rule: str = "",
        **parameters: object,
    ) -> Self:
        """The error of two entries of the catalogue.

        Parameters
        ----------
        problem, fix : str or Message
            Their ids, without the ``.problem`` of the one and the ``.fix`` of the other.
        where, rule : str
            As above.
        parameters
            A value for each hole of either entry, by name.

        Raises
        ------
        KeyError
            As of `problem_and_fix`.
        """
        wrong, remedy = problem_and_fix(problem, fix, parameters)
        return cls(wrong, where=where, fix=remedy, rule=rule)

    def __reduce__(self) -> tuple[Any, ...]:
        # an error of another process is one here
        made = functools.partial(type(self), where=self.where, fix=self.fix, rule=self.rule)
        return made, (self.problem,)

    def __str__(self) -> str:
        label = f" [{self.rule}]" if self.rule else ""
        return f"{self.where}: {self.problem}{label}\n  fix: {self.fix}"


class SpecError(EvaluationError):
    """A configuration file says something it may not say."""


class KeptError(SpecError):
    """What was to be read cannot be, for a reason that was kept already."""


_KEPT: contextvars.ContextVar[list[SpecError] | None] = contextvars.ContextVar("kept", default=None)
Made = TypeVar("Made")


@contextlib.contextmanager
def all_kept(*, where: bool = True) -> Iterator[list[SpecError]]:
    """Keep what a configuration may not say, so that all of it is told at once.

    Parameters
    ----------
    where : bool
        False inside, where one of several readings may fail: there errors are raised as usual.
    """
    kept: list[SpecError] = []
    before = _KEPT.set(kept if where else None)
    try:
        yield kept
    finally:
        _KEPT.reset(before)


def tell(error: SpecError) -> None:
    """Raise an error of a configuration, or keep it where all are kept, and go on.

    Raises
    ------
    SpecError
        Where errors are not kept.
    """
    kept = _KEPT.get()
    if kept is None:
        raise error
    same = ((one.where, one.problem) == (error.where, error.problem) for one in kept)
    if not isinstance(error, KeptError) and not any(same):
        kept.append(error)


def attempted(read: Callable[..., Made], *given: object) -> Made | None:
    """What is read, or None where it cannot be and the reason is kept.

    Parameters
    ----------
    read : callable
    given
        What it takes.

    Raises
    ------
    Exception
        Another error than of the configuration, though nothing of it was found wrong before.
    """
    try:
        return read(*given)
    except SpecError as error:
        tell(error)
    except Exception:
        # what stands on something wrong may fail in any way
        if not _KEPT.get():
            raise
    return None


class DataError(EvaluationError):
    """A raw file, a correction or a row breaks a rule."""


class EstimationError(EvaluationError):
    """A quantity cannot be estimated from what was given."""


class ReportError(EvaluationError):
    """An exhibit, number or page asks for something that is not there."""


class StorageError(EvaluationError):
    """A generated file cannot be read or written."""
