"""How often a back-check got another answer than the interview, by type and by question."""

from collections.abc import Sequence

from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.table_balance import variable_label
from evaluation.spec.counts import is_withheld
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.fieldwork import BackcheckShare
from evaluation.spec.load import Text

QUESTION = Text(en="Type of question and question", es="Tipo de pregunta y pregunta")
N, DIFFERENT, RATE = (
    Text(en="Answers compared", es="Respuestas comparadas"),
    Text(en="Answers that differ", es="Respuestas distintas"),
    Text(en="Error rate, %", es="Tasa de error, %"),
)
TYPES = {
    1: Text(
        en="Type 1: facts that anybody would tell the same way twice",
        es="Tipo 1: hechos que cualquiera contaría igual dos veces",
    ),
    2: Text(en="Type 2: hard to ask well", es="Tipo 2: difíciles de preguntar bien"),
    3: Text(
        en="Type 3: hard to answer, or able to change",
        es="Tipo 3: difíciles de responder, o que pueden cambiar",
    ),
}
EVERY = Text(en="All questions of the type", es="Todas las preguntas del tipo")
READ, READ_AS = (
    Text(en="Types", es="Tipos"),
    Text(
        en="Only a difference of type 1 speaks against the interviewer; of type 2 it speaks of the"
        " question, of type 3 of how far one answer can be trusted. A pair counts where the"
        " question was asked both times; don't know and refusals are answers.",
        es="Solo una diferencia de tipo 1 habla de quien encuesta; la de tipo 2 habla de la"
        " pregunta y la de tipo 3, de cuánto se puede confiar en una sola respuesta. Un par"
        " cuenta donde la pregunta se hizo las dos veces; no sabe y no responde son respuestas.",
    ),
)
INTERVIEWS = Text(en="Interviews", es="Entrevistas")
PAIRED = Text(
    en="{round}: {n_again} interviews in the back-check, of which {n_paired} belong to one"
    " interview of the round, in {n_clusters} {clusters}.",
    es="{round}: {n_again} entrevistas de verificación, de las que {n_paired} corresponden a una"
    " entrevista de la ronda, en {n_clusters} {clusters}.",
)
FEW = Text(
    en="{round}: suppressed, too few interviews or {clusters}.",
    es="{round}: suprimido, muy pocas entrevistas o {clusters}.",
)
TOGETHER = Text(
    en=" A question from which a suppressed one could be worked out is suppressed with it.",
    es=" También se suprime toda pregunta con que se podría deducir una suprimida.",
)


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
        words.labelled(READ[language], READ_AS[language]),
        words.labelled(INTERVIEWS[language], said),
        disclosure.rule_note(study, language) + TOGETHER[language],
    )
    columns = (
        Column(id="question", label=QUESTION[language]),
        Column(id="n", label=N[language]),
        Column(id="n_different", label=DIFFERENT[language], shown="download"),
        Column(id="rate", label=RATE[language]),
    )
    return heads.table(
        exhibit, source, columns=columns, rows=rows, generated=generated, said=(("paired", said),)
    )


def _rows(source: Source, found: Sequence[BackcheckShare]) -> tuple[Row, ...]:
    """A type of question: all of them, then each."""
    one, language = found[0], source.language
    group = f"{source.round_name(one.round)}: {words.in_sentence(TYPES[one.type][language])}"
    return tuple(
        Row(
            id="-".join((s.round, f"type_{s.type}", slug(s.variable) or "all")),
            group=group,
            cells=(
                table.text(variable_label(source, s.variable) if s.variable else EVERY[language]),
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
    text = FEW if is_withheld(share.n_paired) else PAIRED
    count = {
        name: formats.count(getattr(share, name), language)
        for name in ("n_again", "n_paired", "n_clusters")
    }
    return text[language].format(
        round=source.round_name(share.round), clusters=study.names.clusters[language], **count
    )
