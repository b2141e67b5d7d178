"""What persons judged: assumption ledger, risk of bias, certainty, claims, and errata."""

from collections.abc import Iterable, Mapping, Sequence

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import check_rows as records
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.formats.words import begun, in_sentence, spoken
from evaluation.report.prose import table_frame
from evaluation.report.prose.conclusions import concluded
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate
from evaluation.study.review import DOMAINS, Assumption, Claim, GradeStatement, Review

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
        raise ReportError.of(
            "exhibit-shows",
            "write-review",
            f"config/{source.configuration.study.id}",
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
        date=number_format.date(review.judged.date, language),
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
    return table_frame.table(
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
    return table_frame.table(
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
            "review.for-some",
            language,
            result=result,
            outcomes=number_format.listed(names, language),
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
    return table_frame.table(
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


@table.builds
def claims(exhibit: Exhibit, source: Source) -> Table:
    """One row per claim of the summary and function, in the order of review.toml.

    Raises
    ------
    ReportError
        The study has no review.toml; a function has no line.
    """
    language = source.language
    rows = tuple(row for claim in review_of(source).claim for row in _rows(source, claim))
    return table_frame.table(
        exhibit,
        source,
        columns=columns(source, "claim", "shown_in", "function", "does", "program_line"),
        rows=rows,
        generated=(wording("claims.lines", language),),
    )


def _rows(source: Source, claim: Claim) -> tuple[Row, ...]:
    """A row for each function that computes the claim, then one for what makes its exhibit."""
    language = source.language
    steps = [
        *(("computes", function) for function in claim.functions),
        ("makes", source.records.makers.get(claim.exhibit, "")),
    ]
    return tuple(
        Row(
            id=f"{claim.id}-{number}",
            group=claim.claim[language],
            cells=(
                table.text(claim.claim[language]),
                table.text(claim.exhibit),
                table.text(function.partition(":")[2]),
                table.text(wording(f"claims.does.{does}", language)),
                table.text(_place(source, function)),
            ),
        )
        for number, (does, function) in enumerate(steps, start=1)
    )


def _place(source: Source, function: str) -> str:
    """Where a function stands, as ``file, line``; the line was read from the program."""
    line = source.records.lines.get(function)
    if line is None:
        raise ReportError.of(
            "nobody-looked",
            "name-functions",
            f"claims of {source.configuration.study.id}",
            rule="missing-record",
            function=function,
        )
    file = f"{function.partition(':')[0].replace('.', '/')}.py"
    return wording("claims.place", source.language, file=file, line=line)


NAMES = ("what", "before", "after", "reason")


@table.builds
def erratum(exhibit: Exhibit, source: Source) -> Table:
    """One row for each entry of the study's errata, in their order."""
    language = source.language
    columns = (
        Column(id="date", label=wording("erratum-column.date", language)),
        *(Column(id=name, label=wording(f"erratum-column.{name}", language)) for name in NAMES),
        Column(id="id", label=wording("erratum-column.id", language)),
    )
    rows = tuple(
        Row(
            id=f"{table.slug(entry.number)}_{entry.date:%Y%m%d}",
            cells=(
                table.text(number_format.date(entry.date, language)),
                *(table.text(getattr(entry, name)[language]) for name in NAMES),
                table.text(entry.number),
            ),
        )
        for entry in source.configuration.errata
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=())
