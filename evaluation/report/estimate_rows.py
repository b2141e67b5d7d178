"""Rows of estimates: one builder of cells, columns and rows for every table that shows them.

A table lists the ids of its columns; each id that a record has a number for is made here, in one
way for all tables, and a table hands over what only it can say.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from evaluation.report.formats import table, words
from evaluation.report.formats.table import Cell, Column, Joined, Row, Shown
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.conclusions import p_of_interval
from evaluation.report.sources import Source
from evaluation.study.plan import Outcome
from evaluation.study.records import Bound, Difference, Estimate, Unavailable

Shows = Sequence[tuple[str, Shown]]
NOTHING: Mapping[str, Cell] = MappingProxyType({})


def columns(
    source: Source, shows: Shows, *, joined: Mapping[str, Joined] = MappingProxyType({})
) -> tuple[Column, ...]:
    """Columns with heads from the fixed words, the upper end of a range joined to the lower.

    Parameters
    ----------
    source : Source
    shows : sequence of (str, str)
        Id of each column, and where it is shown.
    joined : mapping of str to str, optional
        Other columns that stand behind the one before them in print, by id.
    """
    return tuple(
        table_frame.column(
            source,
            name,
            joined="to" if _is_upper(name, shown) else joined.get(name, ""),
            shown=shown,
        )
        for name, shown in shows
    )


def outcome_columns(
    source: Source,
    outcomes: Iterable[Outcome],
    fields: Sequence[tuple[str, Joined, Shown]],
    *,
    bare: str = "",
) -> tuple[Column, ...]:
    """Columns of a table whose outcomes stand across, each field's id behind it.

    Parameters
    ----------
    source : Source
    outcomes : iterable of Outcome
    fields : sequence of (str, str, str)
        Id, how it is joined, and where it is shown.
    bare : str, optional
        The field whose head is the outcome's name alone.
    """

    def label(outcome: Outcome, field: str) -> str:
        name, head = outcome.label[source.language], table_frame.head(source, field)
        # the interval stands beside the first number, whose head names the outcome
        if field in (bare, "ci_low"):
            return name if field == bare else head
        return f"{name}: {words.in_sentence(head)}"

    return tuple(
        Column(id=f"{field}_{o.id}", label=label(o, field), joined=joined, shown=shown)
        for o in outcomes
        for field, joined, shown in fields
    )


def _is_upper(name: str, shown: Shown) -> bool:
    return name.endswith("high") and shown != "download"


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
    """The cell of one field of a record; see `cells`."""
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
        case _:
            return table.effect(value, decimals=decimals, unit=unit)


def _p(found: Estimate, name: str) -> Cell:
    if name == "p_value":
        return table.p_value(p_of_interval(found))
    return table.adjusted_p(found.p_adjusted, adjustment=found.adjustment)


def absent(source: Source, found: Unavailable, width: int) -> tuple[Cell, ...]:
    """Cells of a row that cannot be had: the reason, then nothing, ``width`` in all."""
    return padded(width, table.unavailable(found.reason, source.language))


def padded(width: int, *some: Cell) -> tuple[Cell, ...]:
    """Cells, filled with empty ones behind them to ``width`` in all."""
    return (*some, *(table.none(),) * (width - len(some)))


def row(source: Source, outcome: Outcome, name: str, label: str, rest: Iterable[Cell]) -> Row:
    """A row under its outcome: ``<outcome>-<name>``, its label, and the cells behind that."""
    return Row(
        id=f"{outcome.id}-{name}",
        group=outcome.label[source.language],
        cells=(table.text(label), *rest),
    )


def linear_inference(
    source: Source, found: Iterable[Estimate | Bound | Unavailable]
) -> tuple[str, ...]:
    """How the intervals of estimates by the wild cluster bootstrap were made; nothing for none."""
    linear = [e for e in found if isinstance(e, Estimate) and e.step in ("wcr", "wcr_s")]
    return (notes.inference(source, linear),) if linear else ()
