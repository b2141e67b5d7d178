"""What the evidence survives, in a few words, and what was found under one expected result."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import formats
from evaluation.report.conclusions import Direction, Evidence

ALL_TESTS: Evidence = "excludes zero by both methods and after adjustment"
NONE: Evidence = "does not exclude zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one outcome of a component."""

    label: str
    strength: Evidence
    direction: Direction


def component_sentence(found: Sequence[Found], *, language: str) -> str:
    """What was found under one component or expected result, in words.

    Parameters
    ----------
    found : sequence of Found
        One for each outcome with an estimate.
    language : {"en", "es"}
    """
    held = [f for f in found if f.strength == ALL_TESTS]
    weak = [f for f in found if f.strength not in (ALL_TESTS, NONE)]
    template = {
        (False, False): "component.nothing-shown",
        (True, False): "component.all-held",
        (False, True): "component.only-weak",
        (True, True): "component.both",
    }[bool(held), bool(weak)]
    shown = bool(held or weak)
    said = wording(
        template,
        language,
        n=formats.count(len(found), language),
        all_held=formats.count(len(held), language),
        weak=formats.count(len(weak), language),
        all_named=_named(held, language),
        weak_named=_named(weak, language),
    )
    more = (
        wording("component.others", language)
        if shown and len(held) + len(weak) < len(found)
        else ""
    )
    return f"{said}{more}"


def _named(found: Sequence[Found], language: str) -> str:
    """Outcomes in a row, each with where its effect points."""
    if not found:
        return ""
    return formats.listed(
        [
            wording(
                f"component.outcome.{f.direction}",
                language,
                label=formats.quoted(f.label.split(" (")[0], language),
            )
            for f in found
        ],
        language,
    )
