"""Fixed words of the downloads, in English and Spanish: sheets, heads, footers."""

from collections.abc import Mapping

from evaluation.spec.load import Text

TABLE_SHEET = Text(en="table", es="tabla")
NOTES_SHEET = Text(en="notes", es="notas")
INDEX_SHEET = Text(en="index", es="índice")
PAGES = Text(en="Page &P of &N", es="Página &P de &N")
# Heads of the two columns that every table sheet begins with.
ROW, GROUP = Text(en="row", es="fila"), Text(en="group", es="grupo")
# What stands in a row of the notes sheet.
PARTS: Mapping[str, Text] = {
    "synthetic": Text(en="synthetic", es="sintético"),
    "code": Text(en="code", es="código"),
    "id": Text(en="id", es="id"),
    "title": Text(en="title", es="título"),
    "reading": Text(en="reading", es="lectura"),
    "note": Text(en="note", es="nota"),
    "citation": Text(en="citation", es="cita"),
    "plan_hash": Text(en="plan_hash", es="huella_del_plan"),
    "data_hash": Text(en="data_hash", es="huella_de_los_datos"),
    "version": Text(en="version", es="versión"),
}
NOTES = Text(en="Notes", es="Notas")
BACK = Text(en="Back to the index", es="Volver al índice")
ALL_TABLES = Text(en="All tables to cite", es="Todas las tablas para citar")
# Marks of the spreadsheet programs of each language: what is between cells, and before decimals.
SEPARATORS = {"en": ",", "es": ";"}
DECIMALS = {"en": ".", "es": ","}
# The language with its country, which decides hyphens and spelling in word processors.
LOCALES = {"en": "en-US", "es": "es-CO"}
