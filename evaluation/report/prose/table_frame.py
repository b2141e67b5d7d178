"""The frame every table shares: heads in the study's own words, its notes and its citation."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Bound, Difference, Estimate
from evaluation.locale.messages import entries, texts
from evaluation.report.formats import number_format
from evaluation.report.formats.table import Cell, Column, Joined, Row, Shown, Table, none
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.prose import citations, notes
from evaluation.report.sources import Source


def column(
    source: Source,
    identifier: str,
    *,
    joined: Joined = "",
    shown: Shown = "print",
    arm: str = "",
    round_: str = "",
) -> Column:
    """A column with its head from the fixed words.

    With ``arm`` and ``round_`` the column's id gets both behind it: ``n_arm_round`` becomes
    ``n_<arm>_<round>``, ``mean_round`` becomes ``mean_<round>``.

    Parameters
    ----------
    source : Source
    identifier : str
    joined, shown : str, optional
        As of `Column`.
    arm, round_ : str, optional
        Ids, put behind the column's and into its head.
    """
    label = head(source, identifier, arm=arm, round_=round_)
    stem = identifier.removesuffix("_round").removesuffix("_arm")
    name = "_".join(part for part in (stem, arm, round_) if part)
    return Column(id=name, label=label, joined=joined, shown=shown)


def head(source: Source, identifier: str, *, arm: str = "", round_: str = "") -> str:
    """Head of a column: the study's names and the plan's level are put in.

    Parameters
    ----------
    source : Source
    identifier : str
    arm, round_ : str, optional
    """
    language = source.language
    template = texts("column", language)[identifier]
    name = source.round_name(round_) if round_ else ""
    label = source.wording(
        f"column.{identifier}",
        level=number_format.percent(source.plan.inference.level, language),
        arm=source.arm(arm) if arm else "",
        round=name if template.startswith("{round}") else in_sentence(name),
    )
    # a study's own word for clusters is lower case; "p" stays as it is
    return begun(label) if template.startswith("{") else label


def headed(source: Source, column: Column, builder: str) -> Column:
    """A column with its head: its own, the builder's, or the one of all tables of this id.

    Parameters
    ----------
    source : Source
    column : Column
        Without a head, it gets ``column.<builder>.<id>`` or ``column.<id>`` of the fixed words.
    builder : str
    """
    if column.label:
        return column
    own = f"{builder}.{column.id}"
    return replace(column, label=head(source, own if own in entries("column") else column.id))


def table(
    exhibit: Exhibit,
    source: Source,
    *,
    columns: Iterable[Column | str],
    rows: Iterable[Row],
    generated: Iterable[str] = (),
    found: Iterable[object] = (),
    sentences: Iterable[tuple[str, str | None]] = (),
) -> Table:
    """A table with the exhibit's own words, generated notes, and the notes every exhibit has.

    Parameters
    ----------
    exhibit : Exhibit
    source : Source
    columns : iterable of Column or str
        A column may be its id alone; one without a head gets it from the fixed words.
    rows : iterable of Row
    generated : iterable of str
        Notes made from the records; empty ones are left out.
    found : iterable
        The records behind the rows: those that have a status in the plan are said with it.
    sentences : iterable of (str, str or None)
        Sentences over all rows that pages may quote, by name; empty ones are left out.
    """
    study, made_from = source.configuration.study, source.records.provenance
    made = [Column(id=x) if isinstance(x, str) else x for x in columns]
    shown, all_rows = with_kinds(source, made, tuple(rows))
    own = exhibit.notes[source.language]
    status = [x.status for x in found if isinstance(x, (Estimate, Bound, Difference))]
    return Table(
        id=exhibit.id,
        title=exhibit.title[source.language],
        reading=exhibit.reading[source.language],
        notes=(
            *([labelled(source.wording("note.label"), own)] if own else []),
            *filter(None, generated),
            *notes.status(source, status),
        ),
        columns=tuple(headed(source, x, exhibit.builder) for x in shown),
        rows=all_rows,
        mark=study.mark,
        plan_hash=made_from.plan_hash,
        data_hash=made_from.data_hash,
        version=made_from.version,
        language=source.language,
        code=exhibit.code,
        citation=citations.plain(exhibit, source),
        citations=citations.others(exhibit, source),
        own_notes=int(bool(own)),
        provenance=notes.provenance(source),
        said=tuple((name, sentence) for name, sentence in sentences if sentence),
    )


# Columns by which a table itself says what kind an interval is.
OF_KIND = ("interval_kind", "around_kind")


def with_kinds(
    source: Source, columns: Sequence[Column], rows: Sequence[Row]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """A table's columns and rows, with a column that names each row's kind of interval.

    Only where intervals of several kinds are printed and no column of the table says which.

    Parameters
    ----------
    source : Source
    columns : sequence of Column
    rows : sequence of Row
        A cell a column.
    """
    printed = [i for i, column in enumerate(columns) if column.shown != "download"]
    kinds = [sorted({row.cells[i].interval for i in printed} - {""}) for row in rows]
    is_said = any(column.id in OF_KIND for column in columns)
    if is_said or len({kind for of_row in kinds for kind in of_row}) < 2:
        return tuple(columns), tuple(rows)
    at = 1 + max(i for row in rows for i in printed if row.cells[i].interval)
    # the upper end stands behind the lower one
    at += at < len(columns) and columns[at].joined == "to"

    def named(of_row: Sequence[str]) -> Cell:
        said = "; ".join(source.wording(f"interval-kind.{kind}") for kind in of_row)
        return Cell(kind="text", text=said) if said else none()

    new = tuple(
        replace(row, cells=(*row.cells[:at], named(of_row), *row.cells[at:]))
        for row, of_row in zip(rows, kinds, strict=True)
    )
    return (*columns[:at], Column(id=OF_KIND[0]), *columns[at:]), new
