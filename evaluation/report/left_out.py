"""What the rows of the robustness table leave out: interviews, clusters, controls, in numbers."""

from collections.abc import Mapping, Sequence

from evaluation.report import check_records as records
from evaluation.report import formats, table
from evaluation.report.agreement import Judged
from evaluation.report.disclosure_pass import interviews
from evaluation.report.sources import Source
from evaluation.report.table import Cell
from evaluation.report.words import in_sentence, labelled
from evaluation.spec.counts import is_below
from evaluation.spec.load import Text
from evaluation.spec.records import Estimate, Unavailable

INTERVIEWS = ("interviews_left_out_treated", "interviews_left_out_comparison")
CLUSTERS = ("clusters_left_out_treated", "clusters_left_out_comparison")
CONTROLS = ("controls_used", "controls_left_out", "rows_without_control")
# Columns of the downloads; sums stand before their parts.
COLUMNS = (
    "fewer_interviews",
    "interviews_left_out",
    *INTERVIEWS,
    "clusters_left_out",
    *CLUSTERS,
    *CONTROLS,
)
SUMS: Mapping[str, tuple[str, ...]] = {
    "interviews_left_out": INTERVIEWS,
    "clusters_left_out": CLUSTERS,
}

LEFT_OUT = Text(en="Left out", es="Exclusiones")
CONTROLLED = Text(en="Controls", es="Controles")
INTERVIEWS_OF = Text(en="interviews", es="entrevistas")
GROUPS = Text(
    en=" (treatment group {treated}, comparison group {comparison})",
    es=" (grupo de intervención {treated}, grupo de comparación {comparison})",
)
FEWER = Text(
    en="; {n} interviews fewer than the primary estimate",
    es="; {n} entrevistas menos que la estimación primaria",
)
TOLD_APART = Text(
    en="{used} of {all} controls can be told apart from the effects of {clusters} and rounds; the"
    " other {gone} are not held fixed",
    es="{used} de {all} controles se distinguen de los efectos de {clusters} y rondas; los otros"
    " {gone} no se mantienen fijos",
)
UNKNOWN = Text(
    en="{n} interviews without a known control are left out",
    es="se excluyen {n} entrevistas sin un control conocido",
)


def cells(source: Source, row: Judged, top: Estimate | Unavailable) -> tuple[Cell, ...]:
    """The columns of one row; nothing where a check leaves nothing out, or its row is withheld."""
    return tuple(_cell(source, row, top, name) for name in COLUMNS)


def _cell(source: Source, row: Judged, top: Estimate | Unavailable, name: str) -> Cell:
    if row.shown is None:
        return table.none()
    if name == "fewer_interviews":
        if isinstance(top, Unavailable):
            return table.none()
        return interviews(top.n - row.shown.n, source)
    value = number(source, row, name)
    if value is None:
        return table.none()
    least = _least(source, name)
    parts = [number(source, row, part) for part in SUMS.get(name, ())]
    few = [x for x in (value, *parts) if x is not None and is_below(x, least)]
    if few:
        return table.below(least, source.language)
    of_people = name in (*INTERVIEWS, "interviews_left_out", CONTROLS[-1])
    return interviews(value, source) if of_people else table.count(value)


def _least(source: Source, name: str) -> int:
    """Fewest that may be published; a control is about nobody."""
    study = source.configuration.study
    if name.startswith("clusters"):
        return study.minimum_clusters
    return 0 if name.startswith("controls") else study.minimum_cell


def number(source: Source, row: Judged, name: str) -> int | None:
    """A recorded number, or the sum of its two groups; None where the check has none."""
    line = row.line
    found = records.quantity(source, line.check, line.outcome, name, sample=line.sample)
    if isinstance(found, float):
        return round(found)
    parts = [number(source, row, part) for part in SUMS.get(name, ())]
    known = [x for x in parts if x is not None]
    return sum(known) if known else None


def left_out_notes(
    source: Source, rows: Sequence[Judged], top: Estimate | Unavailable
) -> list[str]:
    """Which rows leave out how much, and which controls could not be told apart."""
    kept = [x for x in rows if x.shown is not None]
    gone = [said for x in kept if (said := _gone(source, x, top))]
    controls = [said for x in kept if (said := _controls(source, x))]
    return [
        *([labelled(LEFT_OUT[source.language], *gone)] if gone else []),
        *([labelled(CONTROLLED[source.language], *controls)] if controls else []),
    ]


def _gone(source: Source, row: Judged, top: Estimate | Unavailable) -> str:
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    said = []
    for name, of_what in (
        ("interviews_left_out", INTERVIEWS_OF[language]),
        ("clusters_left_out", clusters),
    ):
        total = _cell(source, row, top, name)
        if total.kind == "none" or total.value == 0:
            continue
        parts = [_cell(source, row, top, part) for part in SUMS[name]]
        known = all(part.kind == "count" for part in parts)
        treated, comparison = (_number(part, language) for part in parts)
        groups = GROUPS[language].format(treated=treated, comparison=comparison) if known else ""
        said.append(f"{_number(total, language)} {of_what}{groups}")
    if not said:
        return ""
    fewer = _cell(source, row, top, "fewer_interviews")
    n = _number(fewer, language)
    rest = FEWER[language].format(n=n) if fewer.value else ""
    return f"{row.line.label}: {formats.listed(said, language)}{rest}."


def _number(cell: Cell, language: str) -> str:
    """A count in a sentence; what is withheld has its words in the language already."""
    return cell.text if cell.value is None else formats.count(int(cell.value), language)


def _controls(source: Source, row: Judged) -> str:
    used, gone, unknown = (number(source, row, name) for name in CONTROLS)
    if used is None or not (gone or unknown):
        return ""
    study, language = source.configuration.study, source.language
    said = []
    if gone:
        clusters = study.names.clusters[language]
        said.append(
            TOLD_APART[language].format(used=used, all=used + gone, gone=gone, clusters=clusters)
        )
    if unknown:
        few = interviews(unknown, source)
        said.append(UNKNOWN[language].format(n=_number(few, language)))
    return f"{row.line.label}: {'; '.join(map(in_sentence, said))}."
