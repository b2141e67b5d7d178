"""What a person judged, as tables: assumption ledger, risk of bias, certainty."""

from collections.abc import Iterable, Mapping, Sequence

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import check_records as records
from evaluation.report import formats, heads, table
from evaluation.report.conclusions import concluded
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.report.words import begun, in_sentence, spoken
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate
from evaluation.spec.review import DOMAINS, Assumption, GradeStatement, Review

STALE = message("judged-when-conclusion.reason")


def review_of(source: Source) -> Review:
    """The judgements of the study.

    Raises
    ------
    ReportError
        Nobody has written any.
    """
    review = source.configuration.review
    if review is None:
        raise ReportError(
            message("exhibit-shows.problem"),
            where=f"config/{source.configuration.study.id}",
            mend=message("write-review.mend"),
            rule="missing-record",
        )
    return review


def columns(source: Source, *names: str) -> tuple[Column, ...]:
    """Columns with their heads from the words of these pages."""
    return tuple(
        Column(
            id=name,
            label=wording(f"review.head.{name}", source.language),
            shown="download" if name == "claim" else "print",  # it stands as heading of its rows
        )
        for name in names
    )


def _texts(*shown: str) -> tuple[Cell, ...]:
    return tuple(table.text(one) for one in shown)


def _judged(source: Source, review: Review, tool: str) -> str:
    language = source.language
    said = wording(
        "review.judged",
        language,
        by=review.judged.by[language],
        date=formats.date(review.judged.date, language),
    )
    return f"{said} {wording('review.tool', language, tool=tool)}" if tool else said


@table.builds
def assumptions(exhibit: Exhibit, source: Source) -> Table:
    """One row per assumption: evidence, exhibits, what if false, rows that speak to it.

    Raises
    ------
    ReportError
        The study has no review.toml.
    """
    review, language = review_of(source), source.language
    rows = tuple(
        Row(
            id=a.id,
            cells=_texts(
                a.label[language],
                a.evidence[language],
                ", ".join(a.exhibits),
                a.if_false[language],
                _robustness_rows(source, a),
            ),
        )
        for a in review.assumption
    )
    named = ("assumption", "ledger_evidence", "exhibits", "if_false", "rows")
    return heads.table(
        exhibit,
        source,
        columns=columns(source, *named),
        rows=rows,
        generated=(_judged(source, review, ""),),
    )


def _robustness_rows(source: Source, assumption: Assumption) -> str:
    """The checks that speak to an assumption, by name: their differences stand in the table."""
    language = source.language
    if not assumption.checks:
        return begun(wording("review.ledger-none", language))
    by_id = {c.id: c.label[language] for c in source.plan.check}
    return "; ".join(by_id[check] for check in assumption.checks)


@table.builds
def risk_of_bias(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and domain of the tool, then the overall judgement.

    Raises
    ------
    ReportError
        The study has no review.toml.
    """
    review = review_of(source)
    outcomes = source.outcomes_of(exhibit)
    return heads.table(
        exhibit,
        source,
        columns=columns(source, "domain", "judgement", "support", "exhibits"),
        rows=tuple(row for o in outcomes for row in _risks(source, review, o)),
        generated=(_judged(source, review, review.tool),),
        said=(("overall", _overall(source, review, outcomes)),),
    )


def _overall(source: Source, review: Review, outcomes: Sequence[Outcome]) -> str:
    """The overall judgement of each outcome, in a sentence."""
    language = source.language
    judged = [
        (o, wording(f"review.judgement-level.{review.overall(o.id)}", language)) for o in outcomes
    ]
    return wording(
        "review.risk-sentence", language, tool=review.tool, judged=_by_result(judged, language)
    )


def _by_result(judged: Iterable[tuple[Outcome, str]], language: str) -> str:
    """Results, each with the outcomes that it holds for; alone where it is the same for all."""
    by_result: dict[str, list[str]] = {}
    for outcome, result in judged:
        name = in_sentence(spoken(outcome.label[language], language))
        by_result.setdefault(result, []).append(name)
    if len(by_result) == 1:
        return wording("review.for-all", language, result=next(iter(by_result)))
    return "; ".join(
        wording(
            "review.for-some", language, result=result, outcomes=formats.listed(names, language)
        )
        for result, names in by_result.items()
    )


def _risks(source: Source, review: Review, outcome: Outcome) -> tuple[Row, ...]:
    language, label = source.language, outcome.label[source.language]
    found = [(d, review.risk_of(outcome.id, d)) for d in DOMAINS[review.tool]]
    overall = wording(f"review.judgement-level.{review.overall(outcome.id)}", language)
    return (
        *(
            Row(
                id=f"{outcome.id}-{domain}",
                group=label,
                cells=_texts(
                    wording(f"review.domain.{domain}", language),
                    begun(wording(f"review.judgement-level.{risk.judgement}", language)),
                    risk.support[language],
                    ", ".join(risk.exhibits),
                ),
            )
            for domain, risk in found
        ),
        Row(
            id=f"{outcome.id}-overall",
            group=label,
            cells=(
                *_texts(wording("review.overall", language), begun(overall)),
                *_texts(begun(wording("review.worst-domain", language))),
                table.none(),
            ),
        ),
    )


@table.builds
def certainty(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and step: where it starts, each domain, the certainty.

    Raises
    ------
    ReportError
        The study has no review.toml.
    """
    review = review_of(source)
    outcomes = source.outcomes_of(exhibit)
    by_outcome = {g.outcome: g for g in review.certainty}
    return heads.table(
        exhibit,
        source,
        columns=columns(source, "grade_step", "grade_said", "grade_reason"),
        rows=tuple(row for o in outcomes for row in _grade(source, o, by_outcome[o.id])),
        generated=(_judged(source, review, "GRADE"),),
        said=(("overall", _certain(source, outcomes, by_outcome)),),
    )


def _certain(
    source: Source, outcomes: Sequence[Outcome], by_outcome: Mapping[str, GradeStatement]
) -> str:
    """The certainty of each outcome, in a sentence; withheld where the table withholds it."""
    language = source.language
    judged = [
        (
            o,
            wording("review.withheld", language)
            if _is_stale(source, o, by_outcome[o.id])
            else wording(f"review.certainty-level.{by_outcome[o.id].certainty}", language),
        )
        for o in outcomes
    ]
    return wording("review.certainty-sentence", language, judged=_by_result(judged, language))


def _is_stale(source: Source, outcome: Outcome, statement: GradeStatement) -> bool:
    """Whether the conclusion that was judged is no longer the conclusion."""
    primary = records.published(source, outcome)
    found = concluded(source, primary) if isinstance(primary, Estimate) else None
    return found is None or found.conclusion != statement.conclusion


def _grade(source: Source, outcome: Outcome, statement: GradeStatement) -> tuple[Row, ...]:
    language = source.language
    steps = [
        (
            "start",
            _texts(
                wording("review.start", language),
                begun(wording(f"review.certainty-level.{statement.start}", language)),
                statement.start_reason[language],
            ),
        ),
        *(
            (
                d.domain,
                _texts(
                    wording(f"review.grade-domain.{d.domain}", language),
                    begun(wording(f"review.down.{d.levels}", language)),
                    d.reason[language],
                ),
            )
            for d in statement.downgrade
        ),
        ("certainty", _certainty_cells(source, outcome, statement)),
    ]
    return tuple(
        Row(id=f"{outcome.id}-{name}", group=outcome.label[language], cells=cells)
        for name, cells in steps
    )


def _certainty_cells(
    source: Source, outcome: Outcome, statement: GradeStatement
) -> tuple[Cell, ...]:
    """The level; withheld where the conclusion it was judged on is no longer the conclusion."""
    language = source.language
    lead = table.text(wording("review.certainty", language))
    if _is_stale(source, outcome, statement):
        return (lead, table.unavailable(STALE, language), table.none())
    primary = records.published(source, outcome)
    found = concluded(source, primary) if isinstance(primary, Estimate) else None
    said = found.said(outcome, language) if found else ""
    judged = wording("review.start-less", language, conclusion=said)
    shown = wording(f"review.certainty-level.{statement.certainty}", language)
    return (lead, *_texts(begun(shown), begun(judged)))
