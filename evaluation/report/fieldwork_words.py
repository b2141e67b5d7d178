"""Words of the day's fieldwork report in English and Spanish: sheets, headers, summary."""

from collections.abc import Mapping

from evaluation.spec.load import Text

TITLE = Text(en="Fieldwork", es="Trabajo de campo")
PAGE = Text(en="Fieldwork, private", es="Trabajo de campo, privado")
PRIVATE = Text(
    en="PRIVATE: names rows, places and people; not to leave the project",
    es="PRIVADO: nombra filas, lugares y personas; no debe salir del proyecto",
)
SHEETS: Mapping[str, Text] = {
    "summary": Text(en="summary", es="resumen"),
    "to correct": Text(en="to correct", es="por corregir"),
    "duplicates": Text(en="duplicates", es="duplicados"),
    "interviewers": Text(en="interviewers", es="encuestadores"),
    "progress": Text(en="progress", es="avance"),
    "missing": Text(en="missing", es="faltantes"),
    "backcheck": Text(en="backcheck", es="verificación"),
}
# names of columns and of rows of the summary; what is not here is the same in both languages
HEADERS: Mapping[str, Text] = {
    "what": Text(en="what", es="qué"),
    "detail": Text(en="detail", es="detalle"),
    "number": Text(en="number", es="número"),
    "group": Text(en="group", es="grupo"),
    "file": Text(en="file", es="archivo"),
    "line": Text(en="line", es="línea"),
    "delivery": Text(en="delivery", es="entrega"),
    "column": Text(en="column", es="columna"),
    "rule": Text(en="rule", es="regla"),
    "severity": Text(en="severity", es="gravedad"),
    "problem": Text(en="problem", es="problema"),
    "mend": Text(en="mend", es="qué hacer"),
    "decision": Text(en="decision", es="decisión"),
    "new value": Text(en="new value", es="valor nuevo"),
    "initials": Text(en="initials", es="iniciales"),
    "reason": Text(en="reason", es="motivo"),
    "date": Text(en="date", es="fecha"),
    "synthetic": Text(en="synthetic", es="sintético"),
    "interviewer": Text(en="interviewer", es="encuestador"),
    "n": Text(en="n", es="entrevistas"),
    "n_clusters": Text(en="n_clusters", es="conglomerados"),
    "n_days": Text(en="n_days", es="días"),
    "minutes": Text(en="minutes", es="minutos"),
    "n_short": Text(en="n_short", es="cortas"),
    "dont_know": Text(en="dont_know", es="no sabe"),
    "refused": Text(en="refused", es="no responde"),
    "one_answer": Text(en="one_answer", es="una sola respuesta"),
    "n_overlapping": Text(en="n_overlapping", es="simultáneas"),
    "n_near_identical": Text(en="n_near_identical", es="casi idénticas"),
    "n_findings": Text(en="n_findings", es="hallazgos"),
    "level": Text(en="level", es="nivel"),
    "name": Text(en="name", es="nombre"),
    "target": Text(en="target", es="meta"),
    "n_clusters_begun": Text(en="n_clusters_begun", es="conglomerados comenzados"),
    "n_clusters_full": Text(en="n_clusters_full", es="conglomerados completos"),
    "variable": Text(en="variable", es="variable"),
    "n_asked": Text(en="n_asked", es="preguntados"),
    "unreadable": Text(en="unreadable", es="ilegible"),
    "type": Text(en="type", es="tipo"),
    "n_different": Text(en="n_different", es="distintas"),
    "rate": Text(en="rate", es="tasa"),
}
# those of the office's workbook: the same command reads both back
DECISIONS: tuple[Text, ...] = (
    Text(en="keep", es="conservar"),
    Text(en="drop", es="eliminar"),
    Text(en="new id", es="nuevo id"),
    Text(en="set", es="cambiar"),
    Text(en="merge", es="unir"),
)
FILE = Text(en="file", es="archivo")
CONSENTED = Text(en="interviews with consent", es="entrevistas con consentimiento")
RESPONDENTS = Text(en="respondents", es="personas encuestadas")
COUNTED = Text(
    en="with consent, each id once, in a known cluster",
    es="con consentimiento, cada id una vez, en un conglomerado conocido",
)
BEGUN = Text(en="clusters begun", es="conglomerados comenzados")
OF = Text(en="of {n}", es="de {n}")
WANTED = Text(en="wanted", es="meta")
TARGETS = Text(en="`targets` of study.toml", es="`targets` de study.toml")
NOT_GIVEN = Text(en="not given", es="sin meta")
FULL = Text(en="clusters full", es="conglomerados completos")


def header(name: str, language: str) -> str:
    """Header of a column in a language."""
    return HEADERS[name][language] if name in HEADERS else name
