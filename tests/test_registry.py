"""Every declared name has its function, and every marked function a declared name."""

import pytest

from evaluation import locale
from evaluation.analysis.checks.check_context import computes
from evaluation.config.check_kinds import KINDS
from evaluation.config.exhibits import FIGURES, TABLES
from evaluation.registry import Registry
from evaluation.report.figures.frame import draws
from evaluation.report.formats.table import builds


@pytest.mark.parametrize(
    ("registry", "names"), [(computes, KINDS), (builds, TABLES), (draws, FIGURES)]
)
def test_every_name_has_a_function(registry, names):
    assert tuple(registry) == tuple(names)
    assert all(registry[name].__name__ == name for name in names)
    assert "nobody" not in registry


def test_a_name_that_is_not_declared_or_taken_is_refused():
    registry = Registry(("one", "two"), locale)

    def one(): ...

    def other(): ...

    assert registry(one) is one
    with pytest.raises(LookupError, match="`one` is not declared, or there are two"):
        registry(one)
    with pytest.raises(LookupError, match="`other`"):
        registry(other)
    assert list(registry) == ["one"]
    with pytest.raises(KeyError):
        registry["two"]
