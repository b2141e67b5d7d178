"""How well the questions of an index hang together by group and round, and the effect on each."""

from collections.abc import Iterator

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, lines_of, variant
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import ArmRound, Part, Question

EFFECTS: tuple[tuple[str, Shown], ...] = (
    ("effect_sd", "print"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("n", "download"),
    ("n_clusters_treated", "download"),
    ("n_clusters_comparison", "download"),
    ("step", "download"),
)
FIELDS = ("estimate", *(name for name, _ in EFFECTS[1:]))
TWO = 2
DECIMALS = 2


@table.builds
def reliability(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: alpha and omega in each group and round, then the effect on each question.

    Raises
    ------
    ReportError
        The plan has no check of measurement, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "measurement")
    pairs = records.asked(exhibit, source, checks)
    rows = tuple(row for check, outcome in pairs for row in _rows(source, check, outcome))
    columns = (
        table_frame.column(source, "scale"),
        *(_cell_column(source, arm, round_) for arm, round_ in places(source)),
        *estimate_rows.columns(source, EFFECTS),
    )
    estimates = [x.found for check, outcome in pairs for x in _questions(source, check, outcome)]
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(source, estimates),
        ),
        status=records.statuses(estimates),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def places(source: Source) -> list[tuple[str, str]]:
    """Arms and rounds of the primary contrast."""
    rounds = source.plan.checked().primary_specification().contrast
    return [(arm.id, round_) for arm in source.configuration.study.arm for round_ in rounds]


def _cell_column(source: Source, arm: str, round_: str) -> Column:
    label = f"{source.arm(arm)}, {words.in_sentence(source.round_name(round_))}"
    return Column(id=f"{slug(arm)}_{slug(round_)}", label=label)


def _rows(source: Source, check: Check, outcome: Outcome) -> Iterator[Row]:
    questions = _questions(source, check, outcome)
    scales = list(_scales(source, check, outcome))
    if not scales and not questions:
        raise records.missing(source, check, outcome)
    width = len(places(source)) + len(FIELDS)
    of_two = len(questions) == TWO
    if of_two:
        # alpha and omega want three; each question's correlation with the other is one number
        scales = [(name, label) for name, label in scales if ":" in name]
        cells = _rest(source, check, outcome, questions[0].sample.value)
        if any(cell.kind != "none" for cell in cells):
            label = wording("reliability.of-two", source.language)
            padded = estimate_rows.padded(width, *cells)
            yield estimate_rows.row(source, outcome, "correlation", label, padded)
    for name, label in scales:
        cells = estimate_rows.padded(width, *_coefficients(source, check, outcome, name))
        yield estimate_rows.row(source, outcome, name.replace(":", "-"), label, cells)
    for line in questions:
        item = line.sample.value
        rest = _nothing(source) if of_two else _rest(source, check, outcome, item)
        cells = (*rest, *estimate_rows.cells(source, line.found, FIELDS, decimals=DECIMALS))
        label = words.begun(variant(Part(item), check, source))
        yield estimate_rows.row(source, outcome, slug(line.sample.text()), label, cells)


def _scales(source: Source, check: Check, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Names of reliabilities with their labels: alpha before omega, the whole index first."""
    place = (outcome.id, check.id)
    found = [
        d.name for d in source.records.check_diagnostics if (d.outcome, d.specification) == place
    ] + [
        u.step
        for u in source.records.check_unavailable
        if (u.outcome, u.specification) == place and not isinstance(u.sample, Question)
    ]
    named = [
        n for n in dict.fromkeys(found) if n.partition(":")[0] in entries("reliability.coefficient")
    ]
    for name in sorted(named, key=lambda n: (n.partition(":")[2], n)):
        kind, _, inner = name.partition(":")
        of = source.label(inner) if inner else wording("reliability.all-questions", source.language)
        coefficient = wording(f"reliability.coefficient.{kind}", source.language)
        yield name, f"{coefficient}, {words.in_sentence(of)}"


def _nothing(source: Source) -> tuple[Cell, ...]:
    return (table.none(),) * len(places(source))


def _rest(source: Source, check: Check, outcome: Outcome, item: str) -> tuple[Cell, ...]:
    """A question's correlation with the others; events, which need not go together, have none."""
    name, here = f"rest:{item}", [ArmRound(*place) for place in places(source)]
    if all(records.quantity(source, check, outcome, name, sample=s) is None for s in here):
        return _nothing(source)
    return _coefficients(source, check, outcome, name)


def _coefficients(source: Source, check: Check, outcome: Outcome, name: str) -> tuple[Cell, ...]:
    """A reliability in every group and round; a reason they share stands once."""
    found = [_coefficient(source, check, outcome, name, place) for place in places(source)]
    reasons = {x.reason for x in found if isinstance(x, Unavailable)}
    if len(reasons) == 1 and all(isinstance(x, Unavailable) for x in found):
        first = table.unavailable(reasons.pop(), source.language)
        return estimate_rows.padded(len(found), first)
    return tuple(
        table.unavailable(x.reason, source.language)
        if isinstance(x, Unavailable)
        else table.number(x, decimals=DECIMALS)
        for x in found
    )


def _coefficient(
    source: Source, check: Check, outcome: Outcome, name: str, place: tuple[str, str]
) -> float | Unavailable:
    found = records.quantity(source, check, outcome, name, sample=ArmRound(*place))
    # a reason for the whole scale stands for every group and round
    found = found if found is not None else records.quantity(source, check, outcome, name)
    if found is None:
        raise records.missing(source, check, outcome)
    return found


def _questions(source: Source, check: Check, outcome: Outcome) -> list[CheckLine]:
    return [x for x in lines_of(source, check, outcome) if isinstance(x.sample, Question)]


def _notes(source: Source, found: list[Estimate | Unavailable]) -> tuple[str, ...]:
    return (
        wording("reliability.note", source.language),
        wording("reliability.questions", source.language),
        *estimate_rows.linear_inference(source, found),
    )


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """Where the reliabilities and the effects on questions of an outcome lie."""
    parts, language = [], source.language
    for name in ("alpha", "omega"):
        values = [
            x
            for place in places(source)
            if isinstance(
                x := records.quantity(source, check, outcome, name, sample=ArmRound(*place)), float
            )
        ]
        if values:
            low, high = (number_format.plain(x, 2, language) for x in (min(values), max(values)))
            said = "reliability.scale-is" if low == high else "reliability.scale-between"
            named = words.in_sentence(wording(f"reliability.coefficient.{name}", language))
            parts.append(wording(said, language, coefficient=named, value=low, low=low, high=high))
    effects = [
        x.found.estimate
        for x in _questions(source, check, outcome)
        if isinstance(x.found, Estimate)
    ]
    if effects:
        low, high = (number_format.signed(x, 2, language) for x in (min(effects), max(effects)))
        said = "reliability.effects-between" if len(effects) > 1 else "reliability.one-effect"
        parts.append(wording(said, language, n=len(effects), low=low, high=high))
    found = "; ".join(parts) or wording("reliability.nothing", language)
    return f"{outcome.label[language]}: {found}."
