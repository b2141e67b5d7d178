"""Whether the questions of an index measure alike in every group and round."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Unavailable
from evaluation.study.row_keys import WHOLE, Invariance

# Cheung and Rensvold (2002), Structural Equation Modeling 9(2), table 4; Chen (2007), the same
# journal 14(3): a fall by more than this rejects equality.
FALL = 0.01
COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("cfi", "print"),
    ("cfi_change", "print"),
    ("verdict", "print"),
    ("rmsea", "print"),
    ("srmr", "print"),
    ("factor_did", "print"),
    ("index_did", "print"),
    ("rmsea_change", "download"),
    ("srmr_change", "download"),
    ("chi_square", "download"),
    ("chi_square_change", "download"),
    ("df", "download"),
    ("df_change", "download"),
    ("people", "download"),
)
COUNTS = ("df", "df_change", "people")
EFFECTS = ("factor_did", "index_did")
DECIMALS = {"chi_square": 1, "chi_square_change": 1, "factor_did": 2, "index_did": 2}  # others: 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Questions of an outcome, or of an outcome inside it (``inner`` its id, else empty)."""

    source: Source
    check: Check
    outcome: Outcome
    inner: str

    def quantity(self, name: str, level: str = "") -> float | Unavailable | None:
        """What the records hold under a name, at a level or for the whole scale."""
        suffix = f":{self.inner}" if self.inner else ""
        sample = Invariance(level) if level else WHOLE
        return records.quantity(
            self.source, self.check, self.outcome, f"{name}{suffix}", sample=sample
        )


@table.builds
def invariance(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and model: fit, its change from the model before, and what it does to the effect.

    Raises
    ------
    ReportError
        The plan has no check of measurement, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "measurement")
    pairs = records.asked(exhibit, source, checks)
    scales = [s for check, outcome in pairs for s in _scales(source, check, outcome)]
    rows = tuple(row for scale in scales for row in _rows(scale))
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *(_column(source, name, "print") for name in ("scale", "equal")),
            *(_column(source, name, shown) for name, shown in COLUMNS),
        ),
        rows=rows,
        generated=tuple(
            wording(f"invariance.{note}", source.language)
            for note in ("rule", "model", "effects", "chi-square")
        ),
        said=tuple((s.outcome.id, _sentence(s)) for s in scales if not s.inner),
    )


def _column(source: Source, name: str, shown: Shown) -> Column:
    label = wording(f"invariance.head.{name}", source.language)
    return Column(id=name, label=label, shown=shown)


def _scales(source: Source, check: Check, outcome: Outcome) -> Iterator[Scale]:
    """The whole index first, then the outcomes inside it that have records of their own."""
    place = (outcome.id, check.id)
    names = [
        d.name for d in source.records.check_diagnostics if (d.outcome, d.specification) == place
    ] + [u.step for u in source.records.check_unavailable if (u.outcome, u.specification) == place]
    own = (name.partition(":") for name in names)
    inner = dict.fromkeys(rest for first, _, rest in own if first in ("cfi", "invariance") and rest)
    for identifier in ("", *inner):
        yield Scale(source=source, check=check, outcome=outcome, inner=identifier)


def _rows(scale: Scale) -> Iterator[Row]:
    source, language = scale.source, scale.source.language
    whole = scale.quantity("invariance")
    label = (
        source.label(scale.inner) if scale.inner else wording("reliability.all-questions", language)
    )
    stem = "-".join(part for part in (scale.outcome.id, scale.inner) if part)
    for level in ("configural", "metric", "scalar"):
        found = whole or scale.quantity("invariance", level) or scale.quantity("cfi", level)
        if found is None:
            raise records.missing(source, scale.check, scale.outcome)
        cells: tuple[Cell, ...]
        if isinstance(found, Unavailable):
            cells = estimate_rows.absent(source, found, len(COLUMNS))
        else:
            cells = tuple(_cell(scale, level, name) for name, _ in COLUMNS)
        text = (
            table.text(words.begun(label)),
            table.text(wording(f"invariance.level.{level}", language)),
        )
        group = scale.outcome.label[language]
        yield Row(id=f"{stem}-{level}", group=group, cells=(*text, *cells))
        if isinstance(found, Unavailable):
            return


def _cell(scale: Scale, level: str, name: str) -> Cell:
    if name == "verdict":
        verdict, language = _verdict(scale, level), scale.source.language
        return table.none() if verdict is None else table.text(wording(verdict, language))
    if name in EFFECTS and _rejected(scale):
        return table.none()
    found = scale.quantity(name, level)
    if found is None:  # of the first model nothing has changed, and effects have the last
        return table.none()
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, scale.source.language)
    if name in COUNTS:
        return table.count(round(found))
    if name in EFFECTS:
        return table.effect(found, decimals=DECIMALS[name], unit="SD")
    return table.number(found, decimals=DECIMALS.get(name, 3))


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


def _sentence(scale: Scale) -> str:
    """What happens to the fit of the whole index, and the two effects."""
    language, parts = scale.source.language, []
    for level in ("metric", "scalar"):
        change, verdict = scale.quantity("cfi_change", level), _verdict(scale, level)
        if isinstance(change, float) and verdict is not None:
            shown = number_format.signed(change, 3, language)
            judged = wording(verdict, language)
            clause = f"invariance.clause.{level}"
            parts.append(wording(clause, language, change=shown, verdict=judged))
    effects = [scale.quantity(name, "scalar") for name in EFFECTS]
    numbers = [number_format.signed(x, 2, language) for x in effects if isinstance(x, float)]
    if parts and len(numbers) == len(EFFECTS) and not _rejected(scale):
        factor, plain = numbers
        parts.append(wording("invariance.both", language, factor=factor, plain=plain))
    said = "; ".join(parts) or wording("reliability.nothing", language)
    return f"{scale.outcome.label[language]}: {said}."
