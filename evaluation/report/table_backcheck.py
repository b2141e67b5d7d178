"""How often a back-check got another answer than the interview, by type and by question."""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.table_balance import variable_label
from evaluation.spec.counts import is_withheld
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.fieldwork import BackcheckShare


@table.builds
def backcheck(exhibit: Exhibit, source: Source) -> Table:
    """Error rates of the back-checks by type of question and question, with n.

    Raises
    ------
    ReportError
        The study has no back-check.
    """
    found = source.records.backcheck
    if not found:
        raise shares.no_records("backcheck-rates", "backcheck_shares.csv")
    language, study = source.language, source.configuration.study
    rounds = [r for r in study.rounds if any(s.round == r for s in found)]
    rows = tuple(
        row
        for round_ in rounds
        for kind in sorted({s.type for s in found if s.round == round_})
        for row in _rows(source, [s for s in found if (s.round, s.type) == (round_, kind)])
    )
    paired = [_paired(source, next(s for s in found if s.round == round_)) for round_ in rounds]
    said = " ".join(paired)
    generated = (
        words.labelled(wording("backcheck.read", language), wording("backcheck.read-as", language)),
        words.labelled(wording("backcheck.interviews", language), said),
        disclosure.rule_note(study, language) + wording("backcheck.together", language),
    )
    columns = (
        Column(id="question", label=wording("backcheck.question", language)),
        Column(id="n", label=wording("backcheck.n", language)),
        Column(id="n_different", label=wording("backcheck.different", language), shown="download"),
        Column(id="rate", label=wording("backcheck.rate", language)),
    )
    return heads.table(
        exhibit, source, columns=columns, rows=rows, generated=generated, said=(("paired", said),)
    )


def _rows(source: Source, found: Sequence[BackcheckShare]) -> tuple[Row, ...]:
    """A type of question: all of them, then each."""
    one, language = found[0], source.language
    kind = words.in_sentence(wording(f"backcheck.type.{one.type}", language))
    group = f"{source.round_name(one.round)}: {kind}"
    return tuple(
        Row(
            id="-".join((s.round, f"type_{s.type}", slug(s.variable) or "all")),
            group=group,
            cells=(
                table.text(
                    variable_label(source, s.variable)
                    if s.variable
                    else wording("backcheck.every", language)
                ),
                *_cells(s),
            ),
        )
        for s in sorted(found, key=lambda s: bool(s.variable))
    )


def _cells(share: BackcheckShare) -> tuple[Cell, Cell, Cell]:
    rate = shares.percentage(share.n_different, share.n)
    return table.count(share.n), table.count(share.n_different), rate


def _paired(source: Source, share: BackcheckShare) -> str:
    """How many interviews of a round were asked again, in words."""
    language, study = source.language, source.configuration.study
    text = "backcheck.few" if is_withheld(share.n_paired) else "backcheck.paired"
    count = {
        name: formats.count(getattr(share, name), language)
        for name in ("n_again", "n_paired", "n_clusters")
    }
    return wording(
        text,
        language,
        round=source.round_name(share.round),
        clusters=study.names.clusters[language],
        **count,
    )
