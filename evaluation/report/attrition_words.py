"""The table of attrition where there is nothing to compare: all or none were interviewed again."""

from evaluation.errors import ReportError
from evaluation.report import heads, words
from evaluation.report.sources import Source
from evaluation.report.table import Column, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.load import Text

AGAIN = ("panel_members", "linked")
RESULT = Text(en="Result", es="Resultado")
NOBODY_LOST = Text(
    en="Nobody was lost: everybody interviewed at baseline was interviewed in every round, so there"
    " is no attrition to compare.",
    es="No se perdió a nadie: todas las personas encuestadas en la línea de base se encuestaron en"
    " todas las rondas, de modo que no hay pérdida de muestra que comparar.",
)
NOBODY_AGAIN = Text(
    en="Nobody was interviewed again: each round is a sample of its own, so there are no stayers"
    " and leavers to compare.",
    es="A nadie se le encuestó de nuevo: cada ronda es una muestra propia, de modo que no hay"
    " quienes se quedaron y quienes se perdieron para comparar.",
)


def attrition_without_rows(exhibit: Exhibit, source: Source, columns: tuple[Column, ...]) -> Table:
    """The table with a sentence in the place of its rows.

    Raises
    ------
    ReportError
        The sample flow says that some were interviewed again and some were not: then the records
        are missing.
    """
    said = _sentence(source)[source.language]
    note = words.labelled(RESULT[source.language], said)
    told = (("beyond", said),)
    return heads.table(exhibit, source, columns=columns, rows=(), generated=(note,), said=told)


def _sentence(source: Source) -> Text:
    first = source.configuration.study.rounds[0]
    here = [f for f in source.records.flow if f.round == first]
    everybody = sum(f.n for f in here if f.step == "valid")
    again = sum(f.n for f in here if f.step in AGAIN)
    if everybody and again == everybody:
        return NOBODY_LOST
    if everybody and again == 0 and any(f.step in AGAIN for f in here):
        return NOBODY_AGAIN
    raise ReportError(
        "there are no balance records of attrition",
        where="balance.csv",
        mend="run the estimate stage again, or take the exhibit out of exhibits.toml",
        rule="missing-record",
    )
