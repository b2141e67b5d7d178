"""Messages read in Spanish: what is said in English there was put into a hole as a bare text."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from evaluation.errors import DataError
from evaluation.locale.messages import Message, leaves
from tests.messages import is_known
from tests.report.in_spanish import FUNCTION_WORDS


def unknown(*messages: Message | str) -> list[str]:
    """Those that the Spanish edition cannot say."""
    return [f"{m}" for m in messages if not (is_said(m) if isinstance(m, Message) else is_known(m))]


def is_said(message: Message) -> bool:
    """Whether no hole holds English words; names of files and errors of libraries are none."""
    texts = (leaf for leaf in leaves(message) if isinstance(leaf, str))
    ours = (text for text in texts if " " in text and "/" not in text and "Error" not in text)
    return not any(map(FUNCTION_WORDS.search, ours))


def unknown_findings(findings: Iterable) -> list[str]:
    return unknown(*(text for f in findings for text in (f.problem, f.fix)))


@contextmanager
def refusal(match: str | None = None) -> Iterator[pytest.ExceptionInfo[DataError]]:
    """Data that are refused, with a problem and a fix that it can say."""
    with pytest.raises(DataError, match=match) as caught:
        yield caught
    assert unknown(caught.value.problem, caught.value.fix) == []
