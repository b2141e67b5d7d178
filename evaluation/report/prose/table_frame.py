"""The frame every table shares: heads in the study's own words, its notes and its citation."""

from collections.abc import Sequence

from evaluation.locale.messages import texts, wording
from evaluation.report.formats import number_format
from evaluation.report.formats.table import Column, Joined, Row, Shown, Table
from evaluation.report.formats.words import in_sentence, labelled
from evaluation.report.prose import citations, notes
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Status


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
    """
    label = head(source, identifier, arm=arm, round_=round_)
    stem = identifier.removesuffix("_round").removesuffix("_arm")
    name = "_".join(part for part in (stem, arm, round_) if part)
    return Column(id=name, label=label, joined=joined, shown=shown)


def head(source: Source, identifier: str, *, arm: str = "", round_: str = "") -> str:
    """Head of a column: the study's names and the plan's level are put in."""
    language = source.language
    template = texts("column", language)[identifier]
    name = source.round_name(round_) if round_ else ""
    label = wording(
        f"column.{identifier}",
        language,
        clusters=source.configuration.study.names.clusters[language],
        level=number_format.percent(source.plan.inference.level, language),
        arm=source.arm(arm) if arm else "",
        round=name if template.startswith("{round}") else in_sentence(name),
    )
    # a study's own word for clusters is lower case; "p" stays as it is
    return label[0].upper() + label[1:] if template.startswith("{") else label


def table(
    exhibit: Exhibit,
    source: Source,
    *,
    columns: Sequence[Column | str],
    rows: tuple[Row, ...],
    generated: tuple[str, ...],
    status: tuple[Status, ...] = (),
    said: tuple[tuple[str, str], ...] = (),
) -> Table:
    """A table with the exhibit's own words, generated notes, and the notes every exhibit has.

    A column may be its id alone. ``status`` is the plan status of the rows, where they have one;
    ``said`` are sentences over all rows that pages may quote.
    """
    study, provenance = source.configuration.study, source.records.provenance
    own = exhibit.notes[source.language]
    return Table(
        id=exhibit.id,
        title=exhibit.title[source.language],
        reading=exhibit.reading[source.language],
        notes=(
            *([labelled(wording("note.label", source.language), own)] if own else []),
            *generated,
            *notes.provenance(source, status),
        ),
        columns=tuple(column(source, x) if isinstance(x, str) else x for x in columns),
        rows=rows,
        mark=study.mark,
        plan_hash=provenance.plan_hash,
        data_hash=provenance.data_hash,
        version=provenance.version,
        language=source.language,
        code=exhibit.code,
        citation=citations.plain(exhibit, source),
        citations=citations.others(exhibit, source),
        said=said,
    )
