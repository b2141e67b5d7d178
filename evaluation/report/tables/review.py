"""What persons judged: assumption ledger, risk of bias, certainty, claims, and errata."""

from collections.abc import Iterator, Mapping, Sequence

from evaluation.config.exhibits import Erratum, Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.config.review import DOMAINS, Assumption, Claim, GradeStatement, Review, Risk
from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import begun, noun
from evaluation.report.panels.references import filled
from evaluation.report.prose import table_frame
from evaluation.report.prose.certainty import judged_conclusion, rated
from evaluation.report.prose.threats import threats_counted
from evaluation.report.sources import Source

STALE = message("judged-when-conclusion.reason")
NOT_KNOWN = message("judged-blinded.reason")


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


def _judged(source: Source, review: Review, tool: str = "") -> str:
    judged = source.wording(
        "review.judged",
        by=review.judged.by[source.language],
        date=number_format.date(review.judged.date, source.language),
    )
    return f"{judged} {source.wording('review.tool', tool=tool)}" if tool else judged


@table.builds
def assumptions(exhibit: Exhibit, source: Source) -> Table:
    """One row per assumption: evidence, exhibits, what if false, rows that speak to it.

    Raises
    ------
    ReportError
        The study has no review.toml.
    """
    review, language = review_of(source), source.language
    return table_frame.table(
        exhibit,
        source,
        columns=("assumption", "ledger_evidence", "exhibits", "if_false", "rows"),
        rows=(
            table.row(
                a.id,
                a.label[language],
                a.evidence[language],
                ", ".join(a.exhibits),
                a.if_false[language],
                _robustness_rows(source, a),
            )
            for a in review.assumption
        ),
        generated=(_judged(source, review),),
    )


def _robustness_rows(source: Source, assumption: Assumption) -> str:
    """The checks that speak to an assumption, by name: their differences stand in the table."""
    if not assumption.checks:
        return begun(source.wording("review.ledger-none"))
    by_id = {c.id: c for c in source.plan.check}
    return "; ".join(_named(source, by_id[check]) for check in assumption.checks)


def _named(source: Source, check: Check) -> str:
    """A check by its name, and that it could not be run where nothing came of it."""
    name, records = check.label[source.language], source.records
    made = {x.specification for x in records.check_estimates}
    made |= {x.specification for x in records.differences}
    made |= {x.specification for x in records.bounds}
    if check.id in made:
        return name
    # counts of what it would leave out are no result
    absent = (x for x in records.check_unavailable if x.step in ("all", "difference"))
    refused = any(x.specification == check.id for x in absent)
    return source.wording("review.ledger-unavailable", check=name) if refused else name


@table.builds
def risk_of_bias(exhibit: Exhibit, source: Source) -> Table:
    """One row per domain of the tool and judgement, with its outcomes; then the overall one.

    Raises
    ------
    ReportError
        The study has no review.toml.
    """
    review = review_of(source)
    outcomes = source.outcomes_of(exhibit)
    overall = {
        o: source.wording(f"review.judgement-level.{review.overall(o.id)}") for o in outcomes
    }
    sentence = source.wording(
        "review.risk-sentence", tool=review.tool, judged=_by_result(source, overall)
    )
    return table_frame.table(
        exhibit,
        source,
        columns=("outcome", "judgement", "support", "exhibits"),
        rows=_risks(source, review, overall),
        generated=(_judged(source, review, review.tool),),
        sentences=(("overall", sentence),),
    )


def _by_result(source: Source, judged: Mapping[Outcome, str]) -> str:
    """Results, each with the outcomes that it holds for; alone where it is the same for all."""
    by_result: dict[str, list[str]] = {}
    for outcome, result in judged.items():
        name = noun(outcome, source.language)
        by_result.setdefault(result, []).append(name)
    if len(judged) == 1:
        return next(iter(by_result))
    if len(by_result) == 1:
        return source.wording("review.for-all", result=next(iter(by_result)))
    return "; ".join(
        source.wording(
            "review.for-some", result=result, outcomes=number_format.listed(names, source.language)
        )
        for result, names in by_result.items()
    )


def _risks(source: Source, review: Review, overall: Mapping[Outcome, str]) -> Iterator[Row]:
    """Outcomes that were judged alike, for the same reasons, share a row."""
    language = source.language
    for domain in DOMAINS[review.tool]:
        judged: dict[Risk, list[Outcome]] = {}
        for outcome in overall:
            judged.setdefault(review.risk_of(outcome.id, domain), []).append(outcome)
        for risk, outcomes in judged.items():
            yield table.row(
                f"{outcomes[0].id}-{domain}",
                _those(source, outcomes, of=len(overall)),
                begun(source.wording(f"review.judgement-level.{risk.judgement}")),
                _with_numbers(source, risk.support[language]),
                ", ".join(risk.exhibits),
                group=source.wording(f"review.domain.{domain}"),
            )
    for result in dict.fromkeys(overall.values()):
        outcomes = [o for o, its in overall.items() if its == result]
        yield table.row(
            f"{outcomes[0].id}-overall",
            _those(source, outcomes, of=len(overall)),
            begun(result),
            begun(source.wording("review.worst-domain")),
            table.none(),
            group=source.wording("review.overall"),
        )


def _with_numbers(source: Source, text: str) -> str:
    """A reason with the numbers that it refers to; only a panel's reasons refer to any."""
    return text if source.configuration.study.panel is None else filled(source, text)


def _those(source: Source, outcomes: Sequence[Outcome], *, of: int) -> str:
    """Outcomes in a row, or that they are all."""
    if len(outcomes) == of > 1:
        return source.wording("review.every-outcome")
    return begun(
        number_format.listed([noun(o, source.language) for o in outcomes], source.language)
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
    levels = {o: rated(source, review, o) for o in outcomes}
    sentence = source.wording("review.certainty-sentence", judged=_by_result(source, levels))
    counted = threats_counted(source, outcomes)
    return table_frame.table(
        exhibit,
        source,
        columns=("grade_step", "grade_said", "grade_reason"),
        rows=(row for o in outcomes for row in _grade(source, o, by_outcome[o.id])),
        generated=(_judged(source, review, "GRADE"),),
        sentences=(("overall", sentence), *((("threats", counted),) if counted else ())),
    )


def _grade(source: Source, outcome: Outcome, statement: GradeStatement) -> Iterator[Row]:
    language = source.language

    def row(name: str, step: str, result: Cell | str, reason: Cell | str) -> Row:
        cells = (source.wording(step), result, reason)
        return table.row(f"{outcome.id}-{name}", *cells, group=outcome.label[language])

    def level(name: str) -> str:
        return begun(source.wording(f"review.certainty-level.{name}"))

    reason = _with_numbers(source, statement.start_reason[language])
    if review_of(source).tool == "ROBINS-I" and statement.start == "high":
        reason = source.wording("review.start-robins", reason=reason)
    yield row("start", "review.start", level(statement.start), reason)
    for d in statement.downgrade:
        down = begun(source.wording(f"review.down.{d.levels}"))
        reason = _with_numbers(source, d.reason[language])
        yield row(d.domain, f"review.grade-domain.{d.domain}", down, reason)
    conclusion = judged_conclusion(source, outcome, statement)
    if conclusion is None:
        # a blinded study has no conclusion, whichever was rated before
        blinded = source.configuration.study.blinded
        result = table.unavailable(NOT_KNOWN if blinded else STALE, language)
        yield row("certainty", "review.certainty", result, table.none())
        return
    judged = source.wording("review.start-less", conclusion=conclusion.said(outcome, language))
    yield row("certainty", "review.certainty", level(statement.certainty), begun(judged))


@table.builds
def claims(exhibit: Exhibit, source: Source) -> Table:
    """One row per claim of the summary and function, in the order of review.toml.

    Raises
    ------
    ReportError
        The study has no review.toml; a function has no line.
    """
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("claim", shown="download"),  # it stands as heading of its rows
            *("shown_in", "function", "does", "program_line"),
        ),
        rows=(row for claim in review_of(source).claim for row in _claim_rows(source, claim)),
        generated=(source.wording("claims.lines"),),
    )


def _claim_rows(source: Source, claim: Claim) -> Iterator[Row]:
    """A row for each function that computes the claim, then one for what makes its exhibit."""
    label = claim.claim[source.language]
    steps = [
        *(("computes", function) for function in claim.functions),
        ("makes", source.records.makers.get(claim.exhibit, "")),
    ]
    for number, (does, function) in enumerate(steps, start=1):
        yield table.row(
            f"{claim.id}-{number}",
            label,
            claim.exhibit,
            function.partition(":")[2],
            source.wording(f"claims.does.{does}"),
            _line_of(source, function),
            group=label,
        )


def _line_of(source: Source, function: str) -> str:
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
    return source.wording("claims.place", file=file, line=line)


# the number that stands for all, and fields of the table of primary outcomes, worst error first
ALL, PRIMARY = "all-numbers", "tbl-did-main."
FIELDS = (".verdict", ".conclusion", ".estimate", ".ci_low")


def _consequence(entry: Erratum) -> tuple[int, int]:
    """What puts an erratum before others; entries that are equal keep their order."""
    of_field = (k for k, end in enumerate(FIELDS, start=1) if entry.number.endswith(end))
    rank = len(FIELDS) + 2
    if entry.number == ALL:
        rank = 0
    elif entry.number.startswith(PRIMARY):
        rank = next(of_field, len(FIELDS) + 1)
    return rank, -entry.date.toordinal()


@table.builds
def erratum(exhibit: Exhibit, source: Source) -> Table:
    """One row for each entry of the study's errata, the largest consequence first.

    All numbers, then primary conclusions, estimates and other numbers of primary outcomes, then the
    rest; of the same consequence the newest first.
    """
    names, language = ("what", "before", "after", "reason"), source.language
    return table_frame.table(
        exhibit,
        source,
        columns=("date", *names, "id"),
        rows=(
            table.row(
                f"{table.slug(entry.number)}_{entry.date:%Y%m%d}",
                number_format.date(entry.date, language),
                *(getattr(entry, name)[language] for name in names),
                entry.number,
            )
            for entry in sorted(source.configuration.errata, key=_consequence)
        ),
    )
