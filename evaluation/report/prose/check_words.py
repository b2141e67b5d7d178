"""Words of the tables of the plan's checks: heads, notes and sentences by theme."""

from evaluation.locale.messages import wording
from evaluation.report.formats.table import Column, Joined, Shown
from evaluation.report.formats.words import begun
from evaluation.report.sources import Source


def column(source: Source, name: str, *, joined: Joined = "", shown: Shown = "print") -> Column:
    """A column with a head of this room."""
    return Column(id=name, label=head(source, name), joined=joined, shown=shown)


def head(source: Source, name: str) -> str:
    """Head of a column, with the study's word for its clusters."""
    clusters = source.configuration.study.names.clusters[source.language]
    return begun(wording(f"column-of-change.{name}", source.language, clusters=clusters))
