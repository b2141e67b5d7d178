"""How well the questions of an index hang together by group and round, and the effect on each."""

from collections.abc import Iterator

from evaluation.locale.messages import entries
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckLine, CheckResult, answers, checks_of, results
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import ArmRound, Part, Question

EFFECTS = (
    *table.columns("effect_sd", "ci_low", "ci_high", "p_value"),
    *table.columns("n", "n_clusters_treated", "n_clusters_comparison", "step", shown="download"),
)
FIELDS = ("estimate", *(column.id for column in EFFECTS[1:]))
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
    checks = checks_of(source, "measurement")
    chosen = results(exhibit, source, checks)
    found = [x.found for result in chosen for x in _questions(result)]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            "scale",
            *(_cell_column(source, arm, round_) for arm, round_ in source.arms_and_rounds()),
            *EFFECTS,
        ),
        rows=(row for result in chosen for row in _rows(result)),
        generated=(
            answers(source, checks),
            source.wording("reliability.note"),
            source.wording("reliability.questions"),
            estimate_rows.linear_inference(source, found),
        ),
        found=found,
        sentences=((result.outcome.id, _sentence(result)) for result in chosen),
    )


def _cell_column(source: Source, arm: str, round_: str) -> Column:
    label = f"{source.arm(arm)}, {words.in_sentence(source.round_name(round_))}"
    return Column(id=f"{slug(arm)}_{slug(round_)}", label=label)


def _samples(result: CheckResult) -> list[ArmRound]:
    return [ArmRound(*place) for place in result.source.arms_and_rounds()]


def _rows(result: CheckResult) -> Iterator[Row]:
    source, questions = result.source, _questions(result)
    scales = list(_scales(result))
    if not scales and not questions:
        raise result.missing()
    width = len(_samples(result)) + len(FIELDS)
    of_two = len(questions) == TWO
    if of_two:
        # alpha and omega want three; each question's correlation with the other is one number
        scales = [(name, label) for name, label in scales if ":" in name]
        cells = _rest(result, questions[0].sample.value)
        if any(cell.kind != "none" for cell in cells):
            label = source.wording("reliability.of-two")
            yield result.row("correlation", label, estimate_rows.padded(width, *cells))
    for name, label in scales:
        cells = estimate_rows.padded(width, *_coefficients(result, name))
        yield result.row(name.replace(":", "-"), label, cells)
    for line in questions:
        item = line.sample.value
        rest = _nothing(result) if of_two else _rest(result, item)
        effect = estimate_rows.cells(source, line.found, FIELDS, decimals=DECIMALS)
        label = words.begun(variant(Part(item), result.check, source))
        yield result.row(slug(line.sample.text()), label, (*rest, *effect))


def _scales(result: CheckResult) -> Iterator[tuple[str, str]]:
    """Names of reliabilities with their labels: alpha before omega, the whole index first."""
    source = result.source
    found = [
        *(d.name for d in result.diagnostics),
        *(u.step for u in result.unavailable if not isinstance(u.sample, Question)),
    ]
    kinds = entries("reliability.coefficient")
    named = [n for n in dict.fromkeys(found) if n.partition(":")[0] in kinds]
    for name in sorted(named, key=lambda n: (n.partition(":")[2], n)):
        kind, _, inner = name.partition(":")
        of = source.label(inner) if inner else source.wording("reliability.all-questions")
        coefficient = source.wording(f"reliability.coefficient.{kind}")
        yield name, f"{coefficient}, {words.in_sentence(of)}"


def _nothing(result: CheckResult) -> tuple[Cell, ...]:
    return estimate_rows.padded(len(_samples(result)))


def _rest(result: CheckResult, item: str) -> tuple[Cell, ...]:
    """A question's correlation with the others; events, which need not go together, have none."""
    name = f"rest:{item}"
    if all(result.quantity(name, sample) is None for sample in _samples(result)):
        return _nothing(result)
    return _coefficients(result, name)


def _coefficients(result: CheckResult, name: str) -> tuple[Cell, ...]:
    """A reliability in every group and round; a reason they share stands once."""
    found = [_coefficient(result, name, sample) for sample in _samples(result)]
    reasons = {x.reason for x in found if isinstance(x, Unavailable)}
    if len(reasons) == 1 and all(isinstance(x, Unavailable) for x in found):
        first = table.unavailable(reasons.pop(), result.source.language)
        return estimate_rows.padded(len(found), first)
    return tuple(
        estimate_rows.quantity_cell(
            result.source, x, lambda value: table.number(value, decimals=DECIMALS)
        )
        for x in found
    )


def _coefficient(result: CheckResult, name: str, sample: ArmRound) -> float | Unavailable:
    found = result.quantity(name, sample)
    # a reason for the whole scale stands for every group and round
    found = found if found is not None else result.quantity(name)
    if found is None:
        raise result.missing()
    return found


def _questions(result: CheckResult) -> list[CheckLine]:
    return [x for x in result.lines() if isinstance(x.sample, Question)]


def _sentence(result: CheckResult) -> str:
    """Where the reliabilities and the effects on questions of an outcome lie."""
    source, language = result.source, result.source.language
    parts = []
    for name in ("alpha", "omega"):
        found = (result.quantity(name, sample) for sample in _samples(result))
        values = [x for x in found if isinstance(x, float)]
        if values:
            low, high = (number_format.plain(f(values), 2, language) for f in (min, max))
            identifier = "reliability.scale-is" if low == high else "reliability.scale-between"
            named = words.in_sentence(source.wording(f"reliability.coefficient.{name}"))
            parts.append(
                source.wording(identifier, coefficient=named, value=low, low=low, high=high)
            )
    effects = [x.found.estimate for x in _questions(result) if isinstance(x.found, Estimate)]
    if effects:
        low, high = (number_format.signed(f(effects), 2, language) for f in (min, max))
        identifier = "reliability.effects-between" if len(effects) > 1 else "reliability.one-effect"
        parts.append(source.wording(identifier, n=len(effects), low=low, high=high))
    what = "; ".join(parts) or source.wording("reliability.nothing")
    return f"{result.outcome.label[language]}: {what}."
