"""Whether the questions of an index measure one thing, and alike in every group and round."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import WHOLE, ArmRound, Invariance, Part, Question
from evaluation.locale.messages import entries
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckLine, CheckResult, answers, checks_of, results
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.formats.words import begun
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

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
            *estimate_rows.linear_inference(source, found),
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


# Cheung and Rensvold (2002), Structural Equation Modeling 9(2), table 4; Chen (2007), the same
# journal 14(3): a fall by more than this rejects equality.
FALL = 0.01
MODEL_COLUMNS = (
    *table.columns("cfi", "cfi_change", "verdict", "rmsea", "srmr", "factor_did", "index_did"),
    *table.columns(
        *("rmsea_change", "srmr_change", "chi_square", "chi_square_change"),
        *("df", "df_change", "people"),
        shown="download",
    ),
)
MODEL_COUNTS = ("df", "df_change", "people")
MODEL_EFFECTS = ("factor_did", "index_did")
MODEL_DECIMALS = {
    "chi_square": 1,
    "chi_square_change": 1,
    "factor_did": 2,
    "index_did": 2,
}  # others: 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Questions of an outcome, or of an outcome inside it (``inner`` its id, else empty)."""

    result: CheckResult
    inner: str

    def quantity(self, name: str, level: str = "") -> float | Unavailable | None:
        """What the records hold under a name, at a level or for the whole scale.

        Parameters
        ----------
        name : str
        level : {"configural", "metric", "scalar", ""}
        """
        suffix = f":{self.inner}" if self.inner else ""
        return self.result.quantity(f"{name}{suffix}", Invariance(level) if level else WHOLE)


@table.builds
def invariance(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and model: fit, its change from the model before, and what it does to the effect.

    Raises
    ------
    ReportError
        The plan has no check of measurement, or one has neither a result nor a reason.
    """
    chosen = results(exhibit, source, checks_of(source, "measurement"))
    scales = [scale for result in chosen for scale in _invariance_scales(result)]
    return table_frame.table(
        exhibit,
        source,
        columns=("scale", "equal", *MODEL_COLUMNS),
        rows=(row for scale in scales for row in _invariance_rows(scale)),
        generated=(
            source.wording(f"invariance.{note}")
            for note in ("rule", "model", "effects", "chi-square")
        ),
        sentences=((s.result.outcome.id, _invariance_sentence(s)) for s in scales if not s.inner),
    )


def _invariance_scales(result: CheckResult) -> Iterator[Scale]:
    """The whole index first, then the outcomes inside it that have records of their own."""
    names = [*(d.name for d in result.diagnostics), *(u.step for u in result.unavailable)]
    own = (name.partition(":") for name in names)
    inner = dict.fromkeys(rest for first, _, rest in own if first in ("cfi", "invariance") and rest)
    for identifier in ("", *inner):
        yield Scale(result=result, inner=identifier)


def _invariance_rows(scale: Scale) -> Iterator[Row]:
    result, source = scale.result, scale.result.source
    whole = scale.quantity("invariance")
    label = begun(
        source.label(scale.inner) if scale.inner else source.wording("reliability.all-questions")
    )
    stem = "-".join(part for part in (result.outcome.id, scale.inner) if part)
    for level in ("configural", "metric", "scalar"):
        found = whole or scale.quantity("invariance", level) or scale.quantity("cfi", level)
        if found is None:
            raise result.missing()
        equal = source.wording(f"invariance.level.{level}")
        if isinstance(found, Unavailable):
            cells = estimate_rows.absent(source, found, len(MODEL_COLUMNS))
        else:
            cells = tuple(_cell(scale, level, column.id) for column in MODEL_COLUMNS)
        group = result.outcome.label[source.language]
        yield table.row(f"{stem}-{level}", label, equal, *cells, group=group)
        if isinstance(found, Unavailable):
            return


def _cell(scale: Scale, level: str, name: str) -> Cell:
    source = scale.result.source
    if name == "verdict":
        verdict = _verdict(scale, level)
        return table.none() if verdict is None else table.text(source.wording(verdict))
    if name in MODEL_EFFECTS and _rejected(scale):
        return table.none()

    def make(value: float) -> Cell:
        if name in MODEL_COUNTS:
            return table.count(round(value))
        if name in MODEL_EFFECTS:
            return table.effect(value, decimals=MODEL_DECIMALS[name], unit="SD")
        return table.number(value, decimals=MODEL_DECIMALS.get(name, 3))

    # of the first model nothing has changed, and effects have the last
    return estimate_rows.quantity_cell(source, scale.quantity(name, level), make)


def _verdict(scale: Scale, level: str) -> str | None:
    """What the fall of CFI says of the equality; None where nothing is compared."""
    change = scale.quantity("cfi_change", level)
    if not isinstance(change, float):
        return None
    if level == "scalar" and _falls(scale, "metric"):
        return "invariance.not-judged"
    return "invariance.rejected" if change < -FALL else "invariance.not-rejected"


def _falls(scale: Scale, level: str) -> bool:
    """Whether CFI falls by more than the rule allows."""
    change = scale.quantity("cfi_change", level)
    return isinstance(change, float) and change < -FALL


def _rejected(scale: Scale) -> bool:
    """Whether either equality is rejected, so that means do not compare."""
    return _falls(scale, "metric") or _falls(scale, "scalar")


def _invariance_sentence(scale: Scale) -> str:
    """What happens to the fit of the whole index, and the two effects."""
    source, parts = scale.result.source, []
    for level in ("metric", "scalar"):
        change, verdict = scale.quantity("cfi_change", level), _verdict(scale, level)
        if isinstance(change, float) and verdict is not None:
            shown = number_format.signed(change, 3, source.language)
            clause = f"invariance.clause.{level}"
            parts.append(source.wording(clause, change=shown, verdict=source.wording(verdict)))
    effects = [scale.quantity(name, "scalar") for name in MODEL_EFFECTS]
    numbers = [number_format.signed(x, 2, source.language) for x in effects if isinstance(x, float)]
    if parts and len(numbers) == len(MODEL_EFFECTS) and not _rejected(scale):
        factor, plain = numbers
        parts.append(source.wording("invariance.both", factor=factor, plain=plain))
    what = "; ".join(parts) or source.wording("reliability.nothing")
    return f"{scale.result.outcome.label[source.language]}: {what}."
