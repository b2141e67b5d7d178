"""Fixed words of the book, in English and Spanish; its extension prints them and holds none."""

from collections.abc import Mapping

from evaluation.report.worded import worded
from evaluation.report.words import STATUSES
from evaluation.spec.load import Text

# Facts, footer and configuration of the book.
WORDS: Mapping[str, Text] = {
    "SYNTHETIC": Text(
        en="All results in this book come from an invented survey. They say nothing about any real"
        " place, person or programme.",
        es="Todos los resultados de este libro vienen de una encuesta inventada. Nada dicen de"
        " lugares, personas o programas reales.",
    ),
    "BLINDED": Text(
        en="Treatment is scrambled between places until the plan is locked. Nothing in this book is"
        " a result.",
        es="La intervención está revuelta al azar entre lugares hasta que se fije el plan. Nada en"
        " este libro es un resultado.",
    ),
    "toc": Text(en="On this page", es="En esta página"),
    "search": Text(en="Search this book", es="Buscar en este libro"),
    "not_locked": Text(en="not locked yet", es="aún sin fijar"),
    "no_lock_note": Text(
        en="The plan is not locked yet: treatment is scrambled, and a scrambled draw can look"
        " significant by chance.",
        es="El plan aún no está fijado: la intervención está revuelta al azar, y un sorteo así"
        " puede parecer significativo por azar.",
    ),
    "after_data": Text(en="set after the data were seen", es="definido después de ver los datos"),
    "figure": Text(en="Figure", es="Figura"),
    "table": Text(en="Table", es="Tabla"),
    "version": Text(en="Version", es="Versión"),
    "plan": Text(en="plan hash", es="huella del plan"),
    "data": Text(en="data hash", es="huella de los datos"),
    "licence": Text(
        en="Text and tables: CC BY 4.0. Code: MIT.", es="Textos y tablas: CC BY 4.0. Código: MIT."
    ),
    "dates": Text(en="{start} to {end}", es="del {start} al {end}"),
    "commit": Text(en="commit {id} of {day}", es="revisión {id} del {day}"),
    # tracked files differ from the commit: what was built is not quite what the commit holds
    "changes": Text(en="+ changes", es="+ cambios"),
    "no_commit": Text(en="not under version control", es="sin control de versiones"),
    "moved": Text(en="This page has moved to", es="Esta página se trasladó a"),
}

# Headings of the parts in the table of contents.
PARTS: tuple[Text, ...] = (
    Text(en="For programme staff", es="Para el equipo del programa"),
    Text(en="For reviewers", es="Para quienes revisan"),
    Text(en="For evaluators", es="Para quienes evalúan"),
    Text(en="Reference", es="Referencia"),
)

# Names of the theme's own buttons, parts of a page and links to a place on it.
THEME: tuple[Text, ...] = (
    Text(en="Toggle primary sidebar", es="Mostrar u ocultar el menú"),
    Text(en="Toggle secondary sidebar", es="Mostrar u ocultar el índice de la página"),
    Text(en="Main", es="Principal"),
    Text(en="Page", es="Página"),
    Text(en="Link to this heading", es="Enlace a este título"),
    Text(en="Link to this table", es="Enlace a esta tabla"),
    Text(en="Link to this image", es="Enlace a esta figura"),
    Text(en="Link to this code", es="Enlace a este código"),
    Text(en="Link to this definition", es="Enlace a esta definición"),
    Text(en="Link to this equation", es="Enlace a esta ecuación"),
    Text(en="Link to this term", es="Enlace a este término"),
    Text(en="Link to this toctree", es="Enlace a este índice"),
)

# What the extension prints around exhibits and on cards.
EXTENSION: Mapping[str, Text] = {
    # begins the note that says what a table without rows found
    "result": Text(en="Result. ", es="Resultado. "),
    "none": Text(en="None.", es="Ninguno."),
    "in_words": Text(en="In words, row by row ({n})", es="En palabras, fila por fila ({n})"),
    "files": Text(en="Files and SHA-256", es="Archivos y SHA-256"),
    "citations": Text(
        en="Citation in APA, BibTeX and RIS", es="Cita en formatos APA, BibTeX y RIS"
    ),
    # as the number of an exhibit of a page, so that one article goes with both
    "annex_tbl": Text(en="Table {code} (annex)", es="Tabla {code} (anexo)"),
    "annex_fig": Text(en="Figure {code} (annex)", es="Figura {code} (anexo)"),
    "address": Text(
        en="Permanent address, from the first page of the book:",
        es="Dirección permanente, desde la primera página del libro:",
    ),
    "plan_hash": Text(en="Plan hash", es="Huella del plan"),
    "data_hash": Text(en="Data hash", es="Huella de los datos"),
    "interval": worded("card.interval", level="{level}", low="{low}", high="{high}"),
    "matters": Text(
        en="Smallest effect that matters: {amount}", es="Efecto mínimo de interés: {amount}"
    ),
    # the status that a card prints, as the tables print it
    "deviation": STATUSES["deviation"],
    "status": Text(en="Plan status: {status}", es="Estado en el plan: {status}"),
    "size": Text(
        en="{n} interviews; {treated} treatment and {comparison} comparison {clusters}",
        es="{n} entrevistas; {treated} {clusters} de intervención y {comparison} de comparación",
    ),
}


def extension(language: str) -> dict[str, str]:
    """Words of the extension by name, in a language."""
    return {name: text[language] for name, text in EXTENSION.items()}
