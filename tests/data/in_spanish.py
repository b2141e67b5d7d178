"""Messages held against the Spanish catalogue, which knows every one of them by its English text.

A message that the code words in another way, or leaves out, is none of the catalogue's.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from evaluation.errors import DataError
from evaluation.report.spanish import in_language, spanish


def unknown(*texts: str) -> list[str]:
    """Those that the Spanish edition cannot say."""
    # a few are the same in both languages
    return [t for t in texts if in_language(t, "es") == t and spanish(t) is None]


def unknown_findings(findings: Iterable) -> list[str]:
    said = [(f.problem, f.mend) for f in findings]
    return unknown(*(text for both in said for text in both))


@contextmanager
def refusal(match: str | None = None) -> Iterator[pytest.ExceptionInfo[DataError]]:
    """Data that are refused, with a problem and a mend that it can say."""
    with pytest.raises(DataError, match=match) as caught:
        yield caught
    assert unknown(caught.value.problem, caught.value.mend) == []
