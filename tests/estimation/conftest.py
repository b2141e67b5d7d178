"""What holds of every error and every record that any test of the statistics makes."""

import dataclasses
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evaluation.config import design_records
from evaluation.errors import EvaluationError
from evaluation.estimation import records
from evaluation.locale.messages import Message
from tests.tables import cases

CASES = cases(__file__)

RECORDS = (
    design_records.Calibration,
    design_records.PlannedPower,
    records.Balance,
    records.Bound,
    records.CovariateBalance,
    records.Diagnostic,
    records.Estimate,
    records.Level,
    records.Trend,
    records.Unavailable,
)
# Of diagnostics, a plain number among them; an outcome's own unit may stand there too.
UNITS = frozenset(frozenset(CASES["units"]))

# Methods by which a reason may begin.
NAMES = frozenset({"CR2", "CV1", "CV3"})


@pytest.fixture(scope="session", autouse=True)
def every_error_says_what_where_and_how_to_mend_it() -> Iterator[None]:
    """A part left out or empty is a red test wherever the error is raised."""
    begin = EvaluationError.__init__

    def checked(
        self: EvaluationError, problem: Message, *, where: str, fix: Message, rule: str = ""
    ) -> None:
        assert all(isinstance(part, Message) and str(part) for part in (problem, fix))
        assert isinstance(where, str | Message)
        assert where
        assert isinstance(rule, str)
        begin(self, problem, where=where, fix=fix, rule=rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EvaluationError, "__init__", checked)
        yield


@pytest.fixture(scope="session", autouse=True)
def every_record_holds_what_its_fields_say() -> Iterator[None]:
    """Text where there is text, numbers where there are numbers, units that readers know."""
    with pytest.MonkeyPatch.context() as patch:
        for record in RECORDS:
            patch.setattr(record, "__init__", _checked(record))
        yield


def _goes_on(text: str) -> bool:
    """Whether a text can stand after a colon: no capital but a method's name, and no full stop."""
    first = text.split(maxsplit=1)[0].rstrip(":")
    return not (first[:1].isupper() and first not in NAMES) and not text.endswith(".")


def _checked(record: type) -> Callable[..., None]:
    begin = record.__init__
    hints = typing.get_type_hints(record)
    texts = [f.name for f in dataclasses.fields(record) if hints[f.name] is str]
    numbers = [f.name for f in dataclasses.fields(record) if hints[f.name] in (int, float)]

    def made(self: Any, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        wrong = [name for name in texts if not isinstance(getattr(self, name), str)]
        wrong += [name for name in numbers if getattr(self, name) is None]
        assert not wrong, f"{record.__name__}: {wrong}"
        if record is records.Diagnostic:
            assert self.unit in UNITS, f"{self.unit!r}: add a new unit to UNITS"
        if record is records.Unavailable:
            assert _goes_on(str(self.reason)), self.reason

    return made
