"""Rows of estimates: one builder of cells, columns and rows for every table that shows them.

A table lists the ids of its columns; each id that a record has a number for is made here, in one
way for all tables, and a table hands over what only it can say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from evaluation.config.plan import Outcome
from evaluation.estimation.records import Bound, Difference, Estimate, Unavailable
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.conclusions import SIMULTANEOUS, p_of_interval
from evaluation.report.sources import Source

NOTHING: Mapping[str, Cell] = MappingProxyType({})


def outcome_columns(
    source: Source,
    outcomes: Iterable[Outcome],
    fields: Sequence[Column],
    *,
    bare: str = "",
    builder: str = "",
) -> tuple[Column, ...]:
    """Columns of a table whose outcomes stand across, each field's id behind it.

    Parameters
    ----------
    source : Source
    outcomes : iterable of Outcome
    fields : sequence of Column
        Without heads; each id gets the outcome's behind it.
    bare : str, optional
        The field whose head is the outcome's name alone.
    builder : str, optional
        Of the table: its own heads come before those of all tables.
    """

    def label(outcome: Outcome, field: str) -> str:
        name = outcome.label[source.language]
        head = table_frame.headed(source, Column(id=field), builder).label
        # the interval stands beside the first number, whose head names the outcome
        if field in (bare, "ci_low"):
            return name if field == bare else head
        return f"{name}: {words.in_sentence(head)}"

    return tuple(
        replace(field, id=f"{field.id}_{o.id}", label=label(o, field.id))
        for o in outcomes
        for field in fields
    )


def cells(
    source: Source,
    found: Estimate | Bound | Difference | Unavailable,
    ids: Iterable[str],
    *,
    decimals: int,
    given: Mapping[str, Cell] = NOTHING,
) -> tuple[Cell, ...]:
    """A cell for each column of a record; of an unavailable one the reason, then nothing.

    Parameters
    ----------
    source : Source
        For the language of words.
    found : Estimate, Bound, Difference or Unavailable
    ids : iterable of str
        Ids of the columns, fields of the record but for those of ``given``.
    decimals : int
        Of effects, in the record's unit; standard errors have one more.
    given : mapping of str to Cell, optional
        Cells that the record does not hold, or that a table prints its own way, by id.

    Raises
    ------
    AttributeError
        The record has no such field.
    """
    if isinstance(found, Unavailable):
        return absent(source, found, len(tuple(ids)))
    return tuple(given[i] if i in given else cell(source, found, i, decimals) for i in ids)


def cell(source: Source, found: Estimate | Bound | Difference, name: str, decimals: int) -> Cell:
    """The cell of one field of a record; see `cells`.

    Parameters
    ----------
    source : Source
    found : Estimate, Bound or Difference
    name : str
        Field of the record, and id of the column.
    decimals : int
        Of effects; standard errors have one more.
    """
    unit = words.unit(found.unit, "en")
    value = getattr(found, name)
    match name:
        case "n" | "n_clusters_treated" | "n_clusters_comparison":
            return table.count(value)
        case "p_value" | "p_adjusted" if isinstance(found, Estimate):
            return _p(found, name)
        case "estimate_sd":
            return table.in_sd(value)
        case "std_error":
            return table.number(value, decimals=decimals + 1, unit=unit)
        case "df":
            return table.number(value, decimals=1)
        case "step" | "status":
            named = words.step if name == "step" else words.status
            return table.text(named(value, source.language))
        case "ci_low" | "ci_high":
            decimals = number_format.of_ends(found.ci_low, found.ci_high, decimals)
            return table.effect(value, decimals=decimals, unit=unit, interval=kind_of(found))
        case _:
            return table.effect(value, decimals=decimals, unit=unit)


def kind_of(found: Estimate | Bound | Difference) -> Literal["simultaneous", "alone", "range"]:
    """What kind the ends of a record are: an interval over all primary outcomes or its own alone.

    Those of a range are no confidence interval of one estimate.

    Parameters
    ----------
    found : Estimate, Bound or Difference
    """
    if isinstance(found, Bound):
        return "range"
    # of a false discovery rate p-values alone are adjusted
    is_adjusted = isinstance(found, Estimate) and found.adjustment in SIMULTANEOUS
    return "simultaneous" if is_adjusted else "alone"


def _p(found: Estimate, name: str) -> Cell:
    if name == "p_value":
        return table.p_value(p_of_interval(found))
    return table.adjusted_p(found.p_adjusted, adjustment=found.adjustment)


def quantity_cell(
    source: Source, value: float | Unavailable | None, make: Callable[[float], Cell]
) -> Cell:
    """The cell of one number, of the reason why it is unavailable, or nothing.

    Parameters
    ----------
    source : Source
    value : float, Unavailable or None
    make : callable
        Makes the cell of a number.
    """
    if isinstance(value, Unavailable):
        return table.unavailable(value.reason, source.language)
    return table.none() if value is None else make(value)


def percent_cell(source: Source, share: float | Unavailable | None, *, decimals: int = 1) -> Cell:
    """The cell of a share in percent; see `quantity_cell`.

    Parameters
    ----------
    source : Source
    share : float, Unavailable or None
    decimals : int, optional
    """
    return quantity_cell(
        source, share, lambda x: table.number(100 * x, decimals=decimals, unit="%")
    )


def joint_label(source: Source, identifier: str, test: Sequence[float]) -> str:
    """What a row of a joint test is called, with its degrees of freedom and F.

    Parameters
    ----------
    source : Source
    identifier : str
        Entry of the catalogue with holes for them.
    test : sequence of float
        Both degrees of freedom, F and p.
    """
    first, second, f, _ = test
    return source.wording(
        identifier,
        first=number_format.plain(first, 0, source.language),
        second=number_format.plain(second, 0, source.language),
        f=number_format.plain(f, 2, source.language),
    )


def joint_cells(ids: Sequence[str], p: float) -> tuple[Cell, ...]:
    """Cells of a joint test, which has a p-value only.

    Parameters
    ----------
    ids : sequence of str
        Ids of the columns.
    p : float
    """
    before = padded(ids.index("p_value"))
    return padded(len(ids), *before, table.p_value(p))


def absent(source: Source, found: Unavailable, width: int) -> tuple[Cell, ...]:
    """Cells of a row that is unavailable: the reason, then nothing.

    Parameters
    ----------
    source : Source
    found : Unavailable
    width : int
        How many cells in all.
    """
    return padded(width, table.unavailable(found.reason, source.language))


def padded(width: int, *some: Cell) -> tuple[Cell, ...]:
    """Cells, filled with empty ones behind them.

    Parameters
    ----------
    width : int
        How many in all.
    some : Cell
    """
    return (*some, *(table.none(),) * (width - len(some)))


def row(source: Source, outcome: Outcome, name: str, label: str, rest: Iterable[Cell]) -> Row:
    """A row under its outcome: ``<outcome>-<name>``, its label, and the cells behind that.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    name, label : str
    rest : iterable of Cell
    """
    return table.row(f"{outcome.id}-{name}", label, *rest, group=outcome.label[source.language])


def readings(
    source: Source, outcome: Outcome, found: Estimate | Difference, *, name: str = "estimate"
) -> dict[str, str]:
    """An effect or difference with its unit, its level and interval, for a sentence.

    Parameters
    ----------
    source : Source
    outcome : Outcome
        Says the decimals and the unit.
    found : Estimate or Difference
    name : {"estimate", "difference"}
        Field of the record, which stands for the hole ``effect``.
    """
    language, decimals = source.language, outcome.decimals
    shown = number_format.signed(getattr(found, name), decimals, language)
    return {
        "effect": words.with_unit(shown, outcome.unit, language),
        "level": number_format.percent(found.level, language),
        "interval": number_format.interval(found.ci_low, found.ci_high, decimals, language),
    }


def linear_inference(source: Source, found: Iterable[object]) -> tuple[str, ...]:
    """How the intervals of estimates by the wild cluster bootstrap were made; nothing for none.

    Parameters
    ----------
    source : Source
    found : iterable
        Records of any kind.
    """
    linear = [e for e in found if isinstance(e, Estimate) and e.step in ("wcr", "wcr_s")]
    return notes.inference(source, linear)
