"""Letters of a print: what its own table says that the codes of a typeface stand for.

Source: ISO 32000-1, 9.10 (extraction of text).
"""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf

PAIR = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
RANGE = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
LISTED = re.compile(r"<([0-9A-Fa-f]+)>\s*<[0-9A-Fa-f]+>\s*\[([^\]]*)\]")
BLOCK = re.compile(r"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)


def sheets(data: bytes) -> list[str]:
    """Text of each sheet of a PDF, in the order in which it is drawn.

    Parameters
    ----------
    data : bytes
    """
    with pikepdf.open(BytesIO(data)) as document:
        return ["".join(_drawn(p, p.obj.get("/Resources"))) for p in document.pages]


def _drawn(stream: Any, resources: Any) -> Iterator[str]:
    letters: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(stream):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "Tf":
            letters = letters_of(resources.Font[str(operands[0])])
        elif name in ("Tj", "TJ"):
            yield "".join(text_of(p, letters) for p in (operands[0] if name == "TJ" else operands))
        elif name == "ET":
            # letters come one by one, the words of a line or cell together
            yield "\n"
        elif name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.get("/Subtype") == "/Form":
                yield from _drawn(form, form.get("/Resources", resources))


def text_of(part: Any, letters: dict[int, str]) -> str:
    """Text of one operand of a drawing; a number between letters is none.

    Parameters
    ----------
    part : pikepdf.Object
    letters : dict of int to str
        Of the typeface in force.
    """
    if not isinstance(part, pikepdf.String):
        return ""
    data = bytes(part)
    return "".join(
        letters.get(int.from_bytes(data[i : i + 2], "big"), "") for i in range(0, len(data), 2)
    )


def letters_of(font: Any) -> dict[int, str]:
    """Letters of a typeface by their codes of two bytes; none where it says nothing of them.

    Parameters
    ----------
    font : pikepdf.Object
    """
    return _mapped(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else {}


@cache
def _mapped(table: bytes) -> dict[int, str]:
    source = table.decode("latin-1")
    found: dict[int, str] = {}
    for kind, block in BLOCK.findall(source):
        if kind == "bfchar":
            found |= {int(code, 16): _shown(text) for code, text in PAIR.findall(block)}
            continue
        for first, last, text in RANGE.findall(block):
            start = int(text, 16)
            codes = range(int(first, 16), int(last, 16) + 1)
            found |= {code: chr(start + step) for step, code in enumerate(codes)}
        for first, texts in LISTED.findall(block):
            for step, text in enumerate(re.findall(r"<([0-9A-Fa-f]+)>", texts)):
                found[int(first, 16) + step] = _shown(text)
    return found


def _shown(text: str) -> str:
    return bytes.fromhex(text).decode("utf-16-be")
