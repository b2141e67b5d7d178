"""F2: shape of the file: cut, ragged, headers, columns."""

import random
from dataclasses import replace

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery, Kind, expected
from tests.faults.edit import (
    DELIMITERS,
    ENCODINGS,
    ENDS,
    SURVEYS,
    Sheet,
    on_bytes,
    on_cells,
    put,
    sheet,
    text,
)

ALL = (BASELINE, ENDLINE, FRAME)
PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body></body></html>\n"


def _cut_mid_row(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    row = lines[draw.randrange(len(lines) // 2, len(lines) - 2)]
    start = data.rindex(row + b"\n")
    return data[: start + draw.randrange(5, len(row) - 2)] if len(row) > 8 else data[: start + 3]


def _cut_in_last_cell(data: bytes, draw: random.Random) -> bytes:
    """All cells of the last row are there, and the rows behind it are not."""
    lines = data.split(b"\n")
    ends = [
        i
        for i in range(200, len(lines) - 2)
        # a whole row on one line, with an open text at its end
        if lines[i][:8].isdigit() and lines[i + 1][:8].isdigit() and b'"' not in lines[i]
        if lines[i].strip()[-1:].isalpha()
    ]
    at = draw.choice(ends)
    return b"\n".join(lines[: at + 1]).rstrip(b"\r")[: -draw.randint(1, 3)]


def _lost_place(before: Sheet, draw: random.Random) -> Sheet:
    gone = draw.randrange(len(before.rows))
    return replace(before, rows=[row for i, row in enumerate(before.rows) if i != gone])


def _empty(_: bytes, draw: random.Random) -> bytes:
    return draw.choice((b"", b"\n", b"  \r\n"))


def _header_only(before: Sheet, _: random.Random) -> Sheet:
    return replace(before, rows=[])


def _page(_: bytes, __: random.Random) -> bytes:
    return PAGE


def _row(before: Sheet, draw: random.Random, change) -> Sheet:
    rows = [list(row) for row in before.rows]
    at = draw.randrange(len(rows))
    rows[at] = change(rows[at])
    return replace(before, rows=rows)


def _short(before: Sheet, draw: random.Random) -> Sheet:
    return _row(before, draw, lambda row: row[: draw.randrange(1, len(row))])


def _long(before: Sheet, draw: random.Random) -> Sheet:
    return _row(before, draw, lambda row: [*row, "x"])


def _unquoted(delivery: Delivery, draw: random.Random) -> Delivery:
    name = draw.choice(SURVEYS)
    mark = DELIMITERS[name]
    before = sheet(delivery, name)
    row = draw.randrange(len(before.rows))
    changed = before.set({row: "REMARK"}, "observaciones")
    data = text(changed).replace("REMARK", f"llovió{mark} después no", 1)
    return put(delivery, name, data.encode(ENCODINGS[name]))


def _open_quote(delivery: Delivery, draw: random.Random) -> Delivery:
    name = draw.choice(SURVEYS)
    before = sheet(delivery, name)
    row = draw.randrange(len(before.rows))
    changed = before.set({row: "REMARK"}, "observaciones")
    data = text(changed).replace("REMARK", '"no terminó', 1)
    return put(delivery, name, data.encode(ENCODINGS[name]))


def _extra_value(before: Sheet, _: random.Random) -> Sheet:
    return replace(before, rows=[[str(i), *row] for i, row in enumerate(before.rows, start=1)])


def _totals(before: Sheet, _: random.Random) -> Sheet:
    row = ["" for _ in before.header]
    row[0], row[before.at("peso")] = "Total", before.decimal("400.0000")
    return replace(before, rows=[*before.rows, row])


def _no_header(before: Sheet, _: random.Random) -> Sheet:
    return replace(before, header=before.rows[0], rows=before.rows[1:])


def _header_again(before: Sheet, draw: random.Random) -> Sheet:
    at = draw.randrange(len(before.rows))
    return replace(before, rows=[*before.rows[:at], before.header, *before.rows[at:]])


def _header(before: Sheet, change: dict[str, str]) -> Sheet:
    return replace(before, header=[change.get(name, name) for name in before.header])


def _same_name(before: Sheet, draw: random.Random) -> Sheet:
    one, two = draw.sample(before.header, 2)
    return _header(before, {one: two})


def _renamed(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice(before.header)
    return _header(before, {name: draw.choice((name.upper(), f"{name} ", f"{name}_1"))})


def _missing(before: Sheet, draw: random.Random) -> Sheet:
    gone = draw.randrange(len(before.header))
    cut = [[c for i, c in enumerate(row) if i != gone] for row in (before.header, *before.rows)]
    return replace(before, header=cut[0], rows=cut[1:])


def _extra(before: Sheet, draw: random.Random) -> Sheet:
    at = draw.randrange(len(before.header) + 1)
    header = [*before.header[:at], "Unnamed: 0", *before.header[at:]]
    rows = [[*row[:at], str(i), *row[at:]] for i, row in enumerate(before.rows)]
    return replace(before, header=header, rows=rows)


# pairs whose codes overlap in part or whole
PAIRS = (
    ("sexo", "educacion"),
    ("etnia", "confia_vecinos"),
    ("confia_policia", "confia_vecinos"),
    ("victima", "denuncio"),
    ("duracion", "ingreso"),
    ("victima", "sexo"),
)


def _swapped_values(before: Sheet, draw: random.Random) -> Sheet:
    one, two = draw.choice(PAIRS)
    left, right = before.column(one), before.column(two)
    return before.set(dict(enumerate(right)), one).set(dict(enumerate(left)), two)


def _swapped_names(before: Sheet, draw: random.Random) -> Sheet:
    one, two = draw.choice(PAIRS)
    return _header(before, {one: two, two: one})


def _moved_column(before: Sheet, draw: random.Random) -> Sheet:
    order = list(range(len(before.header)))
    draw.shuffle(order)
    moved = [[row[i] for i in order] for row in (before.header, *before.rows)]
    return replace(before, header=moved[0], rows=moved[1:])


def _moved_rows(before: Sheet, draw: random.Random) -> Sheet:
    return replace(before, rows=draw.sample(before.rows, len(before.rows)))


def _sorted_alone(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice(("id_persona", "sexo", "edad", "etnia", "victima"))
    return before.set(dict(enumerate(sorted(before.column(name)))), name)


def _slipped(before: Sheet, draw: random.Random) -> Sheet:
    """The cells of a row, from one column on, stand one column further right."""
    at = draw.randrange(2, len(before.header) - 4)
    return _row(before, draw, lambda row: [*row[:at], "", *row[at:-1]])


def _blank_line(delivery: Delivery, draw: random.Random) -> Delivery:
    name = draw.choice(SURVEYS)
    before = sheet(delivery, name)
    row = draw.randrange(len(before.rows) - 1)
    end = ENDS[name]
    head = text(replace(before, rows=before.rows[:row]))
    tail = text(replace(before, rows=before.rows[row:])).split(end, 1)[1]
    return put(delivery, name, (head + end + tail).encode(ENCODINGS[name]))


def _title(data: bytes, _: random.Random) -> bytes:
    return b"Encuesta de hogares\nFecha de entrega: marzo\n\n" + data


def _twice_below(before: Sheet, _: random.Random) -> Sheet:
    return replace(before, rows=[*before.rows, *before.rows])


def _footnote(data: bytes, _: random.Random) -> bytes:
    return data + b"Fuente: oficina de campo\n"


def _gone(delivery: Delivery, draw: random.Random) -> Delivery:
    gone = draw.choice(ALL)
    return Delivery(files={name: data for name, data in delivery.files.items() if name != gone})


def _copy_beside(delivery: Delivery, draw: random.Random) -> Delivery:
    name = draw.choice(SURVEYS)
    return put(delivery, name.replace(".csv", " (1).csv"), delivery.files[name])


EXPECT = expected("F2")


def _kind(name: str, words: str, apply) -> Kind:
    return Kind(id=f"F2-{name}", group="F2", words=words, apply=apply, expect=EXPECT[name])


KINDS = (
    _kind("cut-mid-row", "the download stopped in the middle of a row", on_bytes(_cut_mid_row)),
    _kind(
        "cut-in-last-cell",
        "the download stopped in an open text at the end of a row",
        on_bytes(_cut_in_last_cell),
    ),
    _kind("lost-place", "the frame lost a municipality", on_cells(_lost_place, (FRAME,))),
    _kind("empty", "the file is empty", on_bytes(_empty, ALL)),
    _kind("header-only", "the filter of the export left no rows", on_cells(_header_only, ALL)),
    _kind("html-page", "the server's error page was saved as the file", on_bytes(_page, ALL)),
    _kind("short-row", "a row lost its last cells", on_cells(_short, ALL)),
    _kind("long-row", "a row has a cell too many", on_cells(_long, ALL)),
    _kind("unquoted-mark", "an open text holds the delimiter, unquoted", _unquoted),
    _kind("open-quote", "a quote was opened and never closed", _open_quote),
    _kind("extra-value", "every row begins with its number", on_cells(_extra_value)),
    _kind("totals-row", "somebody summed the columns in a last row", on_cells(_totals)),
    _kind("no-header", "the header is gone", on_cells(_no_header, ALL)),
    _kind("header-again", "the header stands again among the rows", on_cells(_header_again, ALL)),
    _kind("same-name", "two columns have one name", on_cells(_same_name, ALL)),
    _kind("renamed", "a column has another name", on_cells(_renamed, ALL)),
    _kind("missing-column", "a column was deleted", on_cells(_missing, ALL)),
    _kind("extra-column", "a column was added", on_cells(_extra, ALL)),
    _kind("swapped-values", "the cells of two columns changed places", on_cells(_swapped_values)),
    _kind("swapped-names", "the names of two columns changed places", on_cells(_swapped_names)),
    _kind("moved-columns", "whole columns stand in another order", on_cells(_moved_column)),
    _kind("moved-rows", "whole rows stand in another order", on_cells(_moved_rows)),
    _kind("sorted-alone", "one column was sorted without the others", on_cells(_sorted_alone)),
    _kind("slipped", "a row's cells slipped one column right", on_cells(_slipped)),
    _kind("blank-line", "an empty line among the rows", _blank_line),
    _kind("title-lines", "a title stands above the header", on_bytes(_title)),
    _kind("footnote", "a source note stands below the rows", on_bytes(_footnote)),
    _kind("twice-below", "all rows stand twice, one copy below", on_cells(_twice_below)),
    _kind("missing-file", "a file was not delivered", _gone),
    _kind("copy-beside", "a second copy lies beside the file", _copy_beside),
)
