"""Docstrings of the tables say what a function takes; of builders the registry says it once."""

import importlib
import inspect
import pkgutil

import pytest

from evaluation.report import tables
from evaluation.report.figures.frame import draws
from evaluation.report.formats.table import builds

ROWS = ("check_labels", "check_rows", "effect_rows", "estimate_rows",
        "heterogeneity_rows", "robustness_rows")  # fmt: skip
MODULES = (
    *(
        f"evaluation.report.tables.{module.name}"
        for module in pkgutil.iter_modules(tables.__path__)
    ),
    *(f"evaluation.report.{name}" for name in ROWS),
)


def undocumented(module):
    """Public functions and methods of two or more parameters whose docstring has no section."""
    for owner in (module, *(c for _, c in inspect.getmembers(module, inspect.isclass))):
        for name, function in inspect.getmembers(owner, inspect.isfunction):
            if name.startswith("_") or function.__module__ != module.__name__:
                continue
            taken = [n for n in inspect.signature(function).parameters if n != "self"]
            is_builder = function in (*builds.values(), *draws.values())
            if len(taken) > 1 and not is_builder and "Parameters\n" not in (function.__doc__ or ""):
                yield name


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_says_what_it_takes(name):
    assert list(undocumented(importlib.import_module(name))) == []


@pytest.mark.parametrize("registry", [builds, draws])
def test_every_builder_takes_an_exhibit_and_a_source(registry):
    for function in registry.values():
        assert list(inspect.signature(function).parameters) == ["exhibit", "source"]
