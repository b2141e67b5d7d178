"""Whether the questions of an index measure alike in every group and round."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult, checks_of, results
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import begun
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Unavailable
from evaluation.study.row_keys import WHOLE, Invariance

# Cheung and Rensvold (2002), Structural Equation Modeling 9(2), table 4; Chen (2007), the same
# journal 14(3): a fall by more than this rejects equality.
FALL = 0.01
COLUMNS = (
    *table.columns("cfi", "cfi_change", "verdict", "rmsea", "srmr", "factor_did", "index_did"),
    *table.columns(
        *("rmsea_change", "srmr_change", "chi_square", "chi_square_change"),
        *("df", "df_change", "people"),
        shown="download",
    ),
)
COUNTS = ("df", "df_change", "people")
EFFECTS = ("factor_did", "index_did")
DECIMALS = {"chi_square": 1, "chi_square_change": 1, "factor_did": 2, "index_did": 2}  # others: 3


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
    scales = [scale for result in chosen for scale in _scales(result)]
    return table_frame.table(
        exhibit,
        source,
        columns=("scale", "equal", *COLUMNS),
        rows=(row for scale in scales for row in _rows(scale)),
        generated=(
            source.wording(f"invariance.{note}")
            for note in ("rule", "model", "effects", "chi-square")
        ),
        sentences=((s.result.outcome.id, _sentence(s)) for s in scales if not s.inner),
    )


def _scales(result: CheckResult) -> Iterator[Scale]:
    """The whole index first, then the outcomes inside it that have records of their own."""
    names = [*(d.name for d in result.diagnostics), *(u.step for u in result.unavailable)]
    own = (name.partition(":") for name in names)
    inner = dict.fromkeys(rest for first, _, rest in own if first in ("cfi", "invariance") and rest)
    for identifier in ("", *inner):
        yield Scale(result=result, inner=identifier)


def _rows(scale: Scale) -> Iterator[Row]:
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
            cells = estimate_rows.absent(source, found, len(COLUMNS))
        else:
            cells = tuple(_cell(scale, level, column.id) for column in COLUMNS)
        group = result.outcome.label[source.language]
        yield table.row(f"{stem}-{level}", label, equal, *cells, group=group)
        if isinstance(found, Unavailable):
            return


def _cell(scale: Scale, level: str, name: str) -> Cell:
    source = scale.result.source
    if name == "verdict":
        verdict = _verdict(scale, level)
        return table.none() if verdict is None else table.text(source.wording(verdict))
    if name in EFFECTS and _rejected(scale):
        return table.none()

    def make(value: float) -> Cell:
        if name in COUNTS:
            return table.count(round(value))
        if name in EFFECTS:
            return table.effect(value, decimals=DECIMALS[name], unit="SD")
        return table.number(value, decimals=DECIMALS.get(name, 3))

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


def _sentence(scale: Scale) -> str:
    """What happens to the fit of the whole index, and the two effects."""
    source, parts = scale.result.source, []
    for level in ("metric", "scalar"):
        change, verdict = scale.quantity("cfi_change", level), _verdict(scale, level)
        if isinstance(change, float) and verdict is not None:
            shown = number_format.signed(change, 3, source.language)
            clause = f"invariance.clause.{level}"
            parts.append(source.wording(clause, change=shown, verdict=source.wording(verdict)))
    effects = [scale.quantity(name, "scalar") for name in EFFECTS]
    numbers = [number_format.signed(x, 2, source.language) for x in effects if isinstance(x, float)]
    if parts and len(numbers) == len(EFFECTS) and not _rejected(scale):
        factor, plain = numbers
        parts.append(source.wording("invariance.both", factor=factor, plain=plain))
    what = "; ".join(parts) or source.wording("reliability.nothing")
    return f"{scale.result.outcome.label[source.language]}: {what}."
