"""The one typeface of figures, pages and paper: Inter, in two weights, for Latin alphabets.

Its licence is ``fonts/OFL.txt``. The files are subsets of Inter 4.1 at optical size 14.
"""

import functools
import math
from base64 import b64encode
from importlib import resources

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

FAMILY = "Inter"
WEIGHTS = {"Regular": 400, "Bold": 700}
LICENCE = "OFL.txt"
POINTS = 72.0  # in an inch
MEASURED, FIXED = 100.0, 65536  # points; fractions of a unit in the file
FILES = resources.files(__package__).joinpath("fonts")


@functools.cache
def register() -> None:
    """Make the typeface known to matplotlib, once a process."""
    for weight in WEIGHTS:
        with resources.as_file(FILES.joinpath(f"{FAMILY}-{weight}.ttf")) as path:
            font_manager.fontManager.addfont(path)


@functools.cache
def _face(weight: str) -> FT2Font:
    with resources.as_file(FILES.joinpath(f"{FAMILY}-{weight}.ttf")) as path:
        face = FT2Font(path)
    face.set_size(MEASURED, POINTS)
    return face


@functools.cache
def _advance(letter: str, weight: str) -> float:
    """Width of a letter over the size; of one that the typeface lacks, that of a wide one."""
    face = _face(weight)
    known = letter if face.get_char_index(ord(letter)) else "M"
    glyph = face.load_char(ord(known), flags=LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / FIXED / MEASURED


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of text, without what pairs of letters move together.

    Parameters
    ----------
    text : str
    size : float
        Points.
    bold : bool, optional

    Returns
    -------
    float
        Inches.
    """
    weight = "Bold" if bold else "Regular"
    return math.fsum(_advance(letter, weight) for letter in text) * size / POINTS


def broken(text: str, inches: float, size: float, *, bold: bool = False) -> list[str]:
    """Text on lines that are no wider than a room; a word that is wider has a line of its own.

    Parameters
    ----------
    text : str
    inches : float
        The room.
    size : float
        Points.
    bold : bool, optional

    Returns
    -------
    list of str
        At least one line. A line break of the text stays; signs that cannot be drawn go.
    """
    lines = []
    for part in "".join(filter(_is_drawn, text)).split("\n"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer, size, bold=bold) > inches:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def _is_drawn(sign: str) -> bool:
    return sign.isprintable() or (sign.isspace() and sign not in "\v\f\r")


def web_files() -> dict[str, bytes]:
    """The files that pages load, and their licence, by name."""
    names = [*(f"{FAMILY}-{weight}.woff2" for weight in WEIGHTS), LICENCE]
    return {name: FILES.joinpath(name).read_bytes() for name in names}


@functools.cache
def embedded() -> str:
    """Style rules that carry the typeface inside a file of its own."""
    return "".join(
        f"@font-face{{font-family:{FAMILY};font-weight:{weight};src:url(data:font/woff2;base64,"
        f"{b64encode(FILES.joinpath(f'{FAMILY}-{name}.woff2').read_bytes()).decode()})}}"
        for name, weight in WEIGHTS.items()
    )
