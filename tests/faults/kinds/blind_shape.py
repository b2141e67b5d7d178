"""Blind kinds: encodings and the shape of a file."""

import codecs
import gzip
import io
import random
import re
import zipfile

from tests.faults.kinds.blind_sheet import (
    BASELINE,
    Register,
    Sheet,
    noted,
)

KINDS = Register()


@KINDS.happened("F1-bom-inside")
def bom_inside(sheet: Sheet, rng: random.Random) -> None:
    """Two tablets' files joined: a byte order mark before a row inside."""
    row = rng.choice(sheet.table[2:])
    row[0] = codecs.BOM_UTF8.decode(sheet.dialect.encoding) + row[0]


@KINDS.happened("F1-two-encodings", BASELINE)
def two_encodings(sheet: Sheet, rng: random.Random) -> bytes:
    """The last tablets' rows were joined in another encoding."""
    lines = sheet.text().split("\n")
    first = rng.choice([i for i, line in enumerate(lines) if not line.isascii()])
    head, tail = "\n".join(lines[:first]), "\n".join(lines[first:])
    return f"{head}\n".encode() + tail.encode("cp1252", "replace")


@KINDS.happened("F1-smart-quotes")
def smart_quotes(sheet: Sheet, rng: random.Random) -> str:
    """A word processor made the quotes around cells typographic."""
    noted(sheet, rng, "vive sola| no ve a nadie")
    return re.sub('"([^"]*)"', "“\\1”", sheet.text())


@KINDS.happened("F1-dos-end-mark")
def dos_end_mark(sheet: Sheet, rng: random.Random) -> str | None:
    """A DOS copy left its end-of-file mark, at the end or where two files met."""
    if rng.random() < 0.5:
        return f"{sheet.text()}\x1a"
    row = rng.choice(sheet.table[2:])
    row[0] = f"\x1a{row[0]}"
    return None


@KINDS.happened("F1-line-marks-in-note")
def line_marks_in_note(sheet: Sheet, rng: random.Random) -> None:
    """Harmless: a note holds signs that some programs take for line ends."""
    signs = "\x0b\x0c\x1c" + ("\u2028\x85" if sheet.dialect is BASELINE else "")
    noted(sheet, rng, f"llama{rng.choice(signs)}después")


@KINDS.happened("F2-huge-note")
def huge_note(sheet: Sheet, rng: random.Random) -> None:
    """Harmless: a photograph pasted into a note as text."""
    noted(sheet, rng, "/9j/4AAQ" * rng.choice((5_000, 20_000)))


@KINDS.happened("F2-backslashes")
def backslashes(sheet: Sheet, rng: random.Random) -> str:
    """A database dump: quotes escaped with a backslash, blanks as \\N."""
    noted(sheet, rng, 'dijo "no sé"| y se fue')
    at = sheet.at("veces")
    for row in sheet.answered():
        row[at] = row[at] or "\0"
    return sheet.text(doublequote=False, escapechar="\\").replace("\0", "\\N")


@KINDS.happened("F2-trailing-delimiter")
def trailing_delimiter(sheet: Sheet, rng: random.Random) -> None:
    """A delimiter after the last cell of each row, with or without one in the header."""
    for row in sheet.table[rng.choice((0, 1)) :]:
        row.append("")


@KINDS.happened("F2-very-wide")
def very_wide(sheet: Sheet, rng: random.Random) -> None:
    """The sheet was saved with all the empty columns it ever used."""
    width = rng.randint(200, 1_500)
    for row in sheet.table:
        row.extend([""] * width)


@KINDS.happened("F2-row-numbers")
def row_numbers(sheet: Sheet, rng: random.Random) -> None:
    """A statistics program put row numbers in front, with a blank or no name for them."""
    for i, row in enumerate(sheet.table[1:], start=1):
        row.insert(0, str(i))
    sheet.table[0][:0] = rng.choice(([], [""], ["_n"]))


@KINDS.happened("F2-merge-suffixes")
def merge_suffixes(sheet: Sheet, rng: random.Random) -> None:
    """A merge by hand left a column twice, as _x and _y, the second with gaps."""
    at = sheet.at(rng.choice(("municipio", "edad", "peso", "victima")))
    for row in sheet.table[1:]:
        row.append(rng.choice((row[at], "")))
    name = sheet.table[0][at]
    sheet.table[0][at] = f"{name}_x"
    sheet.table[0].append(f"{name}_y")


@KINDS.happened("F2-pivoted")
def pivoted(sheet: Sheet, rng: random.Random) -> str:
    """The table was turned on its side, or made long."""
    names, *rows = sheet.table
    long = [[r[0], n, c] for r in rows for n, c in zip(names[1:], r[1:], strict=True)]
    turned = [list(column) for column in zip(*sheet.table, strict=True)]
    return sheet.cut(rng.choice((turned, [["id_persona", "variable", "valor"], *long]))).text()


@KINDS.happened("F2-packed")
def packed(sheet: Sheet, rng: random.Random) -> bytes:
    """A workbook or a gzip file under the name of the text file."""
    if rng.random() < 0.5:
        return gzip.compress(sheet.text().encode(sheet.dialect.encoding), mtime=0)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), "<worksheet/>")
    return target.getvalue()


@KINDS.happened("F2-batch-other-delimiter")
def batch_other_delimiter(sheet: Sheet, rng: random.Random) -> str:
    """The last rows come from a computer with another delimiter."""
    first = rng.randrange(2, len(sheet.table))
    mark = rng.choice(("\t", "|", ";" if sheet.dialect is BASELINE else ","))
    head, tail = sheet.table[:first], sheet.table[first:]
    return sheet.cut(head).text() + sheet.cut(tail).text(delimiter=mark)


@KINDS.happened("F2-batch-other-order")
def batch_other_order(sheet: Sheet, rng: random.Random) -> None:
    """The last rows come from an older export with the weight before the sex."""
    peso, sexo = sheet.at("peso"), sheet.at("sexo")
    for row in sheet.table[rng.randint(2, len(sheet.table) - 30) :]:
        row.insert(sexo, row.pop(peso))


@KINDS.happened("F2-line-in-one-cell")
def line_in_one_cell(sheet: Sheet, rng: random.Random) -> str:
    """Rows from some row on were saved as one quoted cell each, quotes doubled again."""
    first = rng.randrange(len(sheet.table))
    lines = [[sheet.cut([row]).text().removesuffix(sheet.dialect.end)] for row in sheet.table]
    return sheet.cut(sheet.table[:first] + lines[first:]).text()


@KINDS.happened("F2-one-column-sorted")
def one_column_sorted(sheet: Sheet, rng: random.Random) -> None:
    """One column was sorted without the others."""
    at = sheet.at(rng.choice(("victima", "veces", "denuncio", "fecha")))
    old = [row[at] for row in sheet.table[1:]]
    new = sorted(old, key=lambda cell: (cell == "", cell), reverse=rng.random() < 0.5)
    for row, cell in zip(sheet.table[1:], new if new != old else new[::-1], strict=True):
        row[at] = cell


@KINDS.happened("F2-filled-down")
def filled_down(sheet: Sheet, rng: random.Random) -> None:
    """A cell was dragged over those below it."""
    at = sheet.at(rng.choice(("id_persona", "inicio", "veces", "denuncio")))
    first = rng.choice([i for i, row in enumerate(sheet.table[:-40]) if i and row[at]])
    for row in sheet.table[first : first + rng.randint(12, 30)]:
        row[at] = sheet.table[first][at]


@KINDS.happened("F2-column-slipped")
def column_slipped(sheet: Sheet, rng: random.Random) -> None:
    """A cell was deleted or inserted and the rest of its column moved by one row."""
    at = sheet.at(rng.choice(("id_persona", "municipio", "sexo", "edad", "victima", "peso")))
    rows = sheet.table[rng.randint(1, len(sheet.table) - 40) :]
    old = [row[at] for row in rows]
    new = rng.choice((["", *old[:-1]], [*old[1:], ""]))
    for row, cell in zip(rows, new, strict=True):
        row[at] = cell


@KINDS.happened("F2-row-slipped")
def row_slipped(sheet: Sheet, rng: random.Random) -> None:
    """A cell was deleted and the rest of its row moved to the left."""
    at = rng.randint(sheet.at("sexo"), sheet.at("confia_policia"))
    for row in rng.sample(sheet.answered(), rng.randint(1, 5)):
        row.append("")
        del row[at]


@KINDS.happened("F2-chunk-twice")
def chunk_twice(sheet: Sheet, rng: random.Random) -> bytes:
    """An upload that was taken up again sent some kilobytes twice."""
    data = sheet.delivery.files[sheet.dialect.name]
    end, size = rng.randint(len(data) // 4, len(data)), rng.choice((2_048, 4_096))
    return data[:end] + data[end - size :]


@KINDS.happened("F2-filtered-copy", manifest="as declared")
def filtered_copy(sheet: Sheet, rng: random.Random) -> str:
    """Only the rows that a filter left visible were copied."""
    at = sheet.at(rng.choice(("encuestador", "municipio")))
    hidden = rng.choice(sheet.table[1:])[at]
    return sheet.cut([row for row in sheet.table if row[at] != hidden]).text()


@KINDS.happened("F2-columns-moved")
def columns_moved(sheet: Sheet, rng: random.Random) -> str:
    """Harmless: columns in another order, with their names."""
    order = rng.sample(range(len(sheet.table[0])), len(sheet.table[0]))
    return sheet.cut([[row[i] for i in order] for row in sheet.table]).text()


@KINDS.happened("F2-rows-reordered")
def rows_reordered(sheet: Sheet, rng: random.Random) -> str:
    """Harmless: whole rows in another order."""
    return sheet.cut([sheet.table[0], *rng.sample(sheet.table[1:], len(sheet.table) - 1)]).text()
