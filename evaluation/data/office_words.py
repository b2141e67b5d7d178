"""Words of the office's workbook in English and Spanish: sheets, headers, decisions, how to use it.

Whatever language a workbook was written in, both are understood when it comes back.
"""

import unicodedata
from collections.abc import Mapping

from evaluation.spec.load import Text

DUPLICATES, CORRECT = "duplicates", "to correct"
SHEETS: Mapping[str, Text] = {
    DUPLICATES: Text(en="duplicates", es="duplicados"),
    CORRECT: Text(en="to correct", es="por corregir"),
    "ledger": Text(en="ledger", es="registro"),
    "instructions": Text(en="instructions", es="instrucciones"),
}
HEADERS: Mapping[str, Text] = {
    "group": Text(en="group", es="grupo"),
    "file": Text(en="file", es="archivo"),
    "line": Text(en="line", es="línea"),
    "round": Text(en="round", es="ronda"),
    "delivery": Text(en="delivery", es="entrega"),
    "id": Text(en="id", es="id"),
    "column": Text(en="column", es="columna"),
    "held": Text(en="in the file", es="en el archivo"),
    "rule": Text(en="rule", es="regla"),
    "problem": Text(en="what was found", es="qué se encontró"),
    "decision": Text(en="decision", es="decisión"),
    "new": Text(en="new value", es="valor nuevo"),
    "initials": Text(en="initials", es="iniciales"),
    "reason": Text(en="reason", es="motivo"),
    "date": Text(en="date", es="fecha"),
}
DECISIONS: Mapping[str, Text] = {
    "keep": Text(en="keep", es="conservar"),
    "drop": Text(en="drop", es="eliminar"),
    "new_id": Text(en="new id", es="nuevo id"),
    "set": Text(en="set", es="cambiar"),
    "merge": Text(en="merge", es="unir"),
}
# the new value of a cell that shall be empty
BLANK = Text(en="(blank)", es="(vacío)")
PURPOSE = Text(en="rows to decide on", es="filas por decidir")
PRIVATE = Text(
    en="PRIVATE: names rows and people; not to leave the project",
    es="PRIVADO: nombra filas y personas; no debe salir del proyecto",
)
READ_ONLY = Text(
    en="The corrections in force. For reading only: what is typed here is not read back.",
    es="Las correcciones vigentes. Solo para leer: lo que se escriba aquí no se lee de vuelta.",
)
ABOUT = Text(en="about", es="sobre")
HOW = Text(en="how to use it", es="cómo se usa")
INSTRUCTIONS: tuple[tuple[Text, Text], ...] = (
    (
        Text(en="rows", es="filas"),
        Text(
            en="One row for each row of a file that needs a decision. Sort and filter as you like,"
            " always whole rows. Leave a decision empty to decide later; do not delete the row.",
            es="Una fila por cada fila de un archivo que pide una decisión. Ordene y filtre como"
            " quiera, siempre filas enteras. Deje la decisión vacía para decidir después; no"
            " elimine la fila.",
        ),
    ),
    (
        Text(en="keep", es="conservar"),
        Text(
            en="The row stays as it is. Of rows with one id in a group, one alone can be kept.",
            es="La fila queda como está. De las filas de un grupo con un mismo id, solo una puede"
            " conservarse.",
        ),
    ),
    (
        Text(en="drop", es="eliminar"),
        Text(
            en="The whole row is left out of the data.",
            es="La fila entera se excluye de los datos.",
        ),
    ),
    (
        Text(en="new id", es="nuevo id"),
        Text(
            en="The row belongs to another person: write that person's id as the new value.",
            es="La fila es de otra persona: escriba el id de esa persona como valor nuevo.",
        ),
    ),
    (
        Text(en="set", es="cambiar"),
        Text(
            en="The cell of this column gets the new value; write (blank) for an empty cell. To set"
            " another cell, add a row with file, line, delivery and column.",
            es="La celda de esta columna recibe el valor nuevo; escriba (vacío) para una celda"
            " vacía. Para cambiar otra celda, agregue una fila con archivo, línea, entrega y"
            " columna.",
        ),
    ),
    (
        Text(en="merge", es="unir"),
        Text(
            en="One interview in two submissions: decide merge on the row that goes and keep on the"
            " row that stays, whose empty cells it fills. Where a group keeps several rows, write"
            " the line of the row that stays as the new value.",
            es="Una entrevista en dos envíos: decida unir en la fila que se va y conservar en la"
            " que queda, cuyas celdas vacías se llenan. Si un grupo conserva varias filas, escriba"
            " la línea de la fila que queda como valor nuevo.",
        ),
    ),
    (
        Text(en="signed", es="firma"),
        Text(
            en="Every decision but keep needs initials, a reason and the day on which it was taken"
            " (31/3/2025 or 2025-03-31).",
            es="Toda decisión menos conservar lleva iniciales, motivo y el día en que se tomó"
            " (31/3/2025 o 2025-03-31).",
        ),
    ),
    (
        Text(en="all cells", es="todas las celdas"),
        Text(
            en="are text: type 05 for 05. Save as .xlsx, or each sheet as CSV.",
            es="son texto: escriba 05 para 05. Guarde como .xlsx, o cada hoja como CSV.",
        ),
    ),
    (
        Text(en="back", es="de vuelta"),
        Text(
            en="python -m evaluation corrections from-xlsx FILE.xlsx --study STUDY",
            es="python -m evaluation corrections from-xlsx ARCHIVO.xlsx --study ESTUDIO",
        ),
    ),
)


def folded(text: str) -> str:
    """A word without accents, case, or the blanks and marks that people put between words."""
    bare = unicodedata.normalize("NFD", text.replace("_", " "))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def understood(text: str, words: Mapping[str, Text]) -> str | None:
    """Which of some words a text is, in either language; None where it is none of them."""
    found = {folded(form): name for name, word in words.items() for form in (word.en, word.es)}
    return found.get(folded(text))


def is_blank_word(text: str) -> bool:
    """Whether a new value says that the cell shall be empty."""
    return folded(text) in {folded(BLANK.en), folded(BLANK.es)}
