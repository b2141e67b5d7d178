"""How far each robustness check moves a primary estimate: rows of records, and what is withheld."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report.sources import Source
from evaluation.report.variants import variant
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome, Specification
from evaluation.spec.records import Difference, Unavailable
from evaluation.spec.row_keys import WHOLE, RowKey

Entry = Check | Specification


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """One row of a check, or of a sensitivity specification, for one outcome.

    Attributes
    ----------
    entry : Check or Specification
    found : Difference or Unavailable
    hidden : bool
        Whether the disclosure rule withholds it, for its own size or for what it leaves out.
    """

    source: Source
    entry: Entry
    outcome: Outcome
    sample: RowKey
    found: Difference | Unavailable
    alone: bool

    @property
    def id(self) -> str:
        """Row id: the entry's, and what tells its rows apart."""
        if self.alone or isinstance(self.entry, Specification) or self.sample == WHOLE:
            return self.entry.id
        kept = "".join(c if c.isalnum() and c.isascii() else "_" for c in self.sample.text())
        return f"{self.entry.id}-{kept}"

    @property
    def label(self) -> str:
        """The entry's name, and what tells its rows apart, in words."""
        name = self.entry.label[self.source.language]
        if self.alone or isinstance(self.entry, Specification):
            return name
        said = variant(self.sample, self.entry, self.source)
        return f"{name}: {said}" if said else name

    @property
    def shown(self) -> Difference | None:
        """The difference, where there is one that may be published."""
        return self.found if isinstance(self.found, Difference) else None


def entries(exhibit: Exhibit, source: Source) -> tuple[Entry, ...]:
    """Checks and sensitivity specifications that an exhibit names, in plan order; else all."""
    plan = source.plan
    every: tuple[Entry, ...] = (
        *(s for s in plan.specification if s.status == "sensitivity"),
        *(c for c in plan.check if c.declared.is_compared),
    )
    named = exhibit.specifications
    return tuple(e for e in every if not named or e.id in named)


def differences(source: Source, entry: Entry, outcome: Outcome) -> tuple[DifferenceLine, ...]:
    """Rows of an entry for an outcome that estimate the primary effect, in recorded order."""
    found = dict(_found(source, entry, outcome))
    return tuple(
        DifferenceLine(
            source=source,
            entry=entry,
            outcome=outcome,
            sample=sample,
            found=one,
            alone=len(found) == 1,
        )
        for sample, one in found.items()
    )


def compared(source: Source, outcome: Outcome) -> tuple[DifferenceLine, ...]:
    """All rows of the plan that estimate the primary effect, on a page or in the annex.

    Without those that leave out one place at a time, which stand on a line of their own.
    """
    chosen: tuple[Entry, ...] = (
        *(s for s in source.plan.specification if s.status == "sensitivity"),
        *(c for c in source.plan.check if c.declared.is_compared and not c.declared.one_line),
    )
    return tuple(x for entry in chosen for x in differences(source, entry, outcome))


def _found(
    source: Source, entry: Entry, outcome: Outcome
) -> Iterator[tuple[RowKey, Difference | Unavailable]]:
    place = (outcome.id, entry.id)
    for made in source.records.differences:
        if (made.outcome, made.specification) == place:
            yield made.sample, made
    have = {d.sample for d in source.records.differences if (d.outcome, d.specification) == place}
    other = entry.declared.beside if isinstance(entry, Check) else ()
    for absent in source.records.check_unavailable:
        if (absent.outcome, absent.specification) != place or absent.sample in have:
            continue
        if absent.step in ("all", "difference") and not isinstance(absent.sample, other):
            yield absent.sample, absent


def largest(lines: Iterator[DifferenceLine] | tuple[DifferenceLine, ...]) -> DifferenceLine | None:
    """The line that moves the primary estimate farthest; None where none is shown."""
    shown = [x for x in lines if x.shown is not None]
    return max(shown, key=lambda x: abs(x.shown.difference if x.shown else 0.0), default=None)


def departs_from(source: Source, entry: Entry) -> Specification:
    """What an entry's differences are from: the primary specification, or the one of the checks."""
    plan = source.plan if isinstance(entry, Specification) else source.plan.checked()
    return plan.primary_specification()


def heading(source: Source, entry: Entry) -> str:
    """What a row stands under: the doubt, or other weights, samples and models.

    Where not all differences are from the primary estimate, it says what these are from.
    """
    language = source.language
    if isinstance(entry, Specification):
        return wording("robustness-specifications", language)
    theme = wording(f"theme.{entry.doubt}", language)
    base = departs_from(source, entry)
    if base.id == source.plan.primary_specification().id:
        return theme
    return wording("robustness-theme-of", language, theme=theme, base=base.label[language])
