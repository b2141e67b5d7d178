"""Per primary outcome: what would overturn its conclusion, and whether anything known does."""

from collections.abc import Sequence

from evaluation.locale.messages import message, wording
from evaluation.report import check_records as records
from evaluation.report import heads, notes, table
from evaluation.report.overturn_case import Case, Doubt, called, is_drawn_by_lot
from evaluation.report.overturn_lines import doubts
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Shown, Table
from evaluation.report.words import begun, in_sentence
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate, Unavailable

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("doubt", "print"),
    ("needed", "print"),
    ("known", "print"),
    ("overturns", "print"),
    ("amount", "download"),
)
NOTES = ("rule", "trends", "places", "checks")


@table.builds
def overturn(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and doubt.

    Raises
    ------
    ReportError
        A check of the plan has neither a result nor a reason.
    """
    outcomes = source.outcomes_of(exhibit)
    language = source.language
    cases = [case for o in outcomes if isinstance(case := _case(source, o), Case)]
    rows = tuple(row for o in outcomes for row in _rows(source, o))
    columns = tuple(
        Column(id=name, label=wording(f"review.head.{name}", language), shown=shown)
        for name, shown in COLUMNS
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            *(wording(f"overturn-note-{note}", language) for note in NOTES),
            *_by_lot(source, cases),
            notes.conclusion_rule(language),
        ),
        status=records.statuses(case.primary for case in cases),
    )


def _by_lot(source: Source, cases: Sequence[Case]) -> tuple[str, ...]:
    """What a lottery makes of the line on trends, and from which estimate checks depart."""
    language = source.language
    if all(case.needs_trends for case in cases):
        return (wording("overturn-note-lot", language),) if is_drawn_by_lot(source) else ()
    base = in_sentence(source.plan.checked().primary_specification().label[language])
    return (wording("overturn-note-checked", language, base=base),)


def _case(source: Source, outcome: Outcome) -> Case | Unavailable:
    """The case of an outcome, or why there is none."""
    primary, checked = records.published(source, outcome), records.primary(source, outcome)
    if isinstance(primary, Unavailable):
        return primary
    if isinstance(checked, Unavailable):
        return checked
    return Case.of(source, primary, checked=checked) or _no_conclusion(primary)


def _no_conclusion(primary: Estimate) -> Unavailable:
    return Unavailable(
        study=primary.study,
        outcome=primary.outcome,
        specification=primary.specification,
        estimand=primary.estimand,
        sample=primary.sample,
        step=primary.step,
        reason=message("statement.no-conclusion"),
    )


def _rows(source: Source, outcome: Outcome) -> tuple[Row, ...]:
    label, language = outcome.label[source.language], source.language
    case = _case(source, outcome)
    if isinstance(case, Case):
        return tuple(_row(case, one) for one in doubts(case))
    absent = table.unavailable(case.reason, language)
    doubt = table.text(wording("overturn.doubt.conclusion", language))
    empty = (table.none(),) * (len(COLUMNS) - 2)
    return (Row(id=f"{outcome.id}-conclusion", group=label, cells=(doubt, absent, *empty)),)


def _row(case: Case, one: Doubt) -> Row:
    return Row(
        id=f"{case.outcome.id}-{one.key or one.name}",
        group=case.outcome.label[case.source.language],
        cells=(
            table.text(called(case, one)),
            one.needed,
            one.known,
            _answer(case, one),
            one.amount,
        ),
    )


def _answer(case: Case, one: Doubt) -> Cell:
    if not isinstance(one.enough, bool):
        return one.enough
    return table.text(begun(wording("yes" if one.enough else "no", case.source.language)))
