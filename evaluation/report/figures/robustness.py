"""How far each check moves each primary estimate, with the interval of the difference."""

from collections.abc import Sequence

from evaluation.config.check_kinds import kind_of
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Unavailable
from evaluation.report.figures.frame import Drawn, absent, draws
from evaluation.report.figures.row_panels import (
    Mark,
    PanelRow,
    draw_rows,
    estimates_and_ranges,
    panel,
)
from evaluation.report.figures.sheet import DrawingSheet
from evaluation.report.prose import headlines
from evaluation.report.prose.sensitivity_summary import Case
from evaluation.report.prose.threats import changing
from evaluation.report.robustness_rows import (
    DifferenceLine,
    Entry,
    compared,
    differences,
    entries,
    heading,
)
from evaluation.report.sources import Source
from evaluation.report.tables.robustness import changing_named, robustness, sentence


@draws
def specification_curve(exhibit: Exhibit, source: Source) -> Drawn:
    """A panel per outcome; the zero line is the primary estimate."""
    outcomes, chosen = source.outcomes_of(exhibit), entries(exhibit, source)
    rows = _panel_rows(source, chosen, outcomes)
    main, base = (p.primary_specification().id for p in (source.plan, source.plan.checked()))
    return Drawn(
        plot=lambda sheet: _plot(sheet, rows, outcomes, source),
        message=_headline(source, outcomes),
        subtitle=source.wording("robustness-axis" if main == base else "robustness-axis-of"),
        data=robustness(exhibit, source),
        alt=_curve_alt(source, outcomes),
    )


def _plot(
    sheet: DrawingSheet, rows: Sequence[PanelRow], outcomes: Sequence[Outcome], source: Source
) -> None:
    estimates_and_ranges(sheet, source, "robustness-difference", "robustness-lowest-highest")
    draw_rows(sheet, rows, [panel(o, source.language) for o in outcomes])


# of more checks than these the headline names the outcomes only, and the note the checks
NAMED = 3


def _headline(source: Source, outcomes: Sequence[Outcome]) -> str:
    """Which checks would change a conclusion, or on which outcomes some would; else that none."""
    found, of = changing(source, outcomes)
    if not of:
        shown = any(x.shown is not None for o in outcomes for x in compared(source, o))
        return source.wording(f"robustness-headline.{'open' if shown else 'absent'}")
    if 0 < len(found) <= NAMED:
        return changing_named(source, outcomes).removesuffix(".")
    if found:
        named = headlines.named([*dict.fromkeys(o for o, _ in found)], source.language)
        return source.wording("robustness-headline.some", outcomes=named)
    cases = [case for o in outcomes if isinstance(case := Case.of(source, o), Case)]
    # that no check takes zero out of an interval is no robustness
    still_open = all(case.now == "inconclusive" for case in cases)
    return source.wording(f"robustness-headline.{'none-open' if still_open else 'none'}")


def _panel_rows(
    source: Source, chosen: Sequence[Entry], outcomes: Sequence[Outcome]
) -> list[PanelRow]:
    found: list[PanelRow] = []
    before = ""
    for entry in chosen:
        rows = _rows(source, entry, {o.id: differences(source, entry, o) for o in outcomes})
        group = heading(source, entry)
        if rows and group != before:
            found.append(PanelRow(label=group))
            before = group
        found += [PanelRow(label=label, marks=marks) for label, marks in rows]
    return found


def _rows(
    source: Source, entry: Entry, lines: dict[str, tuple[DifferenceLine, ...]]
) -> list[tuple[str, dict[str, Mark]]]:
    """Label and marks by outcome of an entry's rows."""
    if isinstance(entry, Check) and kind_of(entry).one_line:
        label = entry.label[source.language]
        return [(label, {outcome: _range(source, made) for outcome, made in lines.items()})]
    labels = {x.id: x.label for made in lines.values() for x in made}
    return [
        (
            label,
            {o: _mark(source, x) for o, made in lines.items() for x in made if x.id == name},
        )
        for name, label in labels.items()
    ]


def _mark(source: Source, line: DifferenceLine) -> Mark:
    if isinstance(line.found, Unavailable):
        return Mark(remark=absent(line.found.reason, source.language))
    one = line.found
    return Mark(low=one.ci_low, high=one.ci_high, point=one.difference)


def _range(source: Source, lines: Sequence[DifferenceLine]) -> Mark:
    shown = [x.shown.difference for x in lines if x.shown is not None]
    if shown:
        return Mark(low=min(shown), high=max(shown))
    return _mark(source, lines[0]) if lines else Mark()


def _curve_alt(source: Source, outcomes: Sequence[Outcome]) -> str:
    said = [sentence(source, o) for o in outcomes]
    sentences = " ".join(x for x in said if x is not None)
    return source.wording("robustness-alt", said=sentences).rstrip()
