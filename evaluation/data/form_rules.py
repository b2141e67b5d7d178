"""The simple among a form's expressions: skips that name codes, and ranges between two numbers.

A form's expressions are a language of their own. Only shapes whose meaning is certain are taken;
everything else is None and stays as it is written, for a person.
"""

import re
from dataclasses import dataclass
from typing import Literal

VALUE = r"(?:'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?))"
FIELD = r"\$\{\s*([^{}\s]+)\s*\}"
EQUALS = re.compile(rf"{FIELD}\s*=\s*{VALUE}")
SELECTED = re.compile(rf"selected\(\s*{FIELD}\s*,\s*{VALUE}\s*\)")
NUMBER = r"(-?\d+(?:\.\d+)?)"
BOUND = re.compile(rf"\.\s*(>=|<=|>|<)\s*{NUMBER}")
TURNED = re.compile(rf"{NUMBER}\s*(>=|<=|>|<)\s*\.")
ADMITTED = re.compile(rf"\.\s*=\s*(?:'({NUMBER})'|{NUMBER})")
MIRROR = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
QUOTES = str.maketrans("‘’“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Skip:
    """Asked where the answer to ``gate`` (a name in the form) is one of ``codes``.

    ``how`` is what the form compares: the whole answer, or one choice among several.
    """

    gate: str
    codes: tuple[str, ...]
    how: Literal["equals", "selected"] = "equals"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers a constraint lets through; None where it does not say.

    ``admitted`` are single numbers outside the range that it also lets through, mostly codes for
    don't know and refused. ``open_ends`` names bounds that are themselves not allowed (``>``).
    """

    low: float | None
    high: float | None
    admitted: tuple[str, ...] = ()
    open_ends: tuple[str, ...] = ()


def skip(expression: str) -> Skip | None:
    """A skip that is equality with codes of one question, joined by ``or``; else None.

    ``!=`` is not simple: in a form it also holds where the question was not answered.
    """
    gates, codes, how = [], [], set()
    for part in _split(_bare(expression), "or"):
        equals, selected = EQUALS.fullmatch(_bare(part)), SELECTED.fullmatch(_bare(part))
        found = equals or selected
        if found is None:
            return None
        gates.append(found[1])
        codes.append(next(group for group in found.groups()[1:] if group is not None))
        how.add("equals" if equals else "selected")
    if len(set(gates)) != 1 or len(how) != 1 or "" in codes:
        return None
    compared: Literal["equals", "selected"] = "equals" if "equals" in how else "selected"
    return Skip(gates[0], tuple(dict.fromkeys(codes)), compared)


def bounds(expression: str) -> Bounds | None:
    """A constraint of the kind ``. >= 0 and . <= 120 or . = 999``; else None."""
    admitted: list[str] = []
    limits: dict[str, tuple[float, bool]] = {}
    for part in _split(_bare(expression), "or"):
        code = ADMITTED.fullmatch(_bare(part))
        if code is not None:
            admitted.append(code[1] or code[3])
        elif limits or not _take_limits(_bare(part), limits):
            return None
    low, high = limits.get("low"), limits.get("high")
    if not limits or (low and high and low[0] > high[0]):
        return None
    return Bounds(
        low=low[0] if low else None,
        high=high[0] if high else None,
        admitted=tuple(admitted),
        open_ends=tuple(end for end, (_, is_open) in sorted(limits.items()) if is_open),
    )


def _take_limits(part: str, limits: dict[str, tuple[float, bool]]) -> bool:
    """Put the bounds of ``. >= 0 and . <= 120`` into ``limits``; False where it is not simple."""
    for piece in _split(part, "and"):
        bare = _bare(piece)
        if found := BOUND.fullmatch(bare):
            sign, number = found[1], found[2]
        elif found := TURNED.fullmatch(bare):
            sign, number = MIRROR[found[2]], found[1]
        else:
            return False
        end = "low" if sign.startswith(">") else "high"
        if end in limits:
            return False
        limits[end] = (float(number), len(sign) == 1)
    return True


def _split(text: str, word: str) -> list[str]:
    """Parts between ``word`` outside of brackets and quotes."""
    parts, depth, quote, start, position = [], 0, "", 0, 0
    joint = re.compile(rf"(?<![\w$]){word}(?![\w-])", re.IGNORECASE)
    while position < len(text):
        letter = text[position]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif depth == 0 and (found := joint.match(text, position)):
            parts.append(text[start:position])
            start = position = found.end()
            continue
        position += 1
    return [*parts, text[start:]]


def _bare(text: str) -> str:
    """Without blanks at the ends and brackets around the whole; typographic quotes made plain."""
    bare = " ".join(text.translate(QUOTES).split())
    while bare.startswith("(") and bare.endswith(")") and _is_enclosed(bare):
        bare = bare[1:-1].strip()
    return bare


def _is_enclosed(text: str) -> bool:
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return position == len(text) - 1
    return False
