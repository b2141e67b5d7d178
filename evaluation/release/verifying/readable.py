"""Whether two versions of a page, picture, workbook or print say the same, though bytes differ.

Between processors only last bits differ, which reach tables and workbooks. In all else each word
and each number has to be the same: a page with another number is another page, whatever its sum.
"""

import base64
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Self

import numpy as np
import pikepdf
from matplotlib import image

from evaluation.locale.messages import LANGUAGES, Message, message, wording
from evaluation.release.published_text import ZIPPED, parts
from evaluation.release.verifying import print_letters
from evaluation.report.formats import number_format
from evaluation.storage import print_links

# not the digits of a checksum, a name or a size
NUMBER = re.compile(r"((?<![\w.,])-?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?(?!\w))")
DECIMAL = re.compile(r"\d[.,]\d")
# the bytes of a picture inside a notebook
PACKED = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
BUILT = re.compile(r'^(date-released|commit): "(.+)"$', re.MULTILINE)
# Places in a drawing are written to six decimals. A colour is one of 256 levels: the edge of a
# letter may be some levels lighter elsewhere, another digit changes it by a hundred.
PLACED, COLOURED = 2e-6, 16
PDF, PNG, SVG, HTML = ".pdf", ".png", ".svg", ".html"
# whether two numbers say the same
Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Versions:
    """Which commits two releases were built from.

    Attributes
    ----------
    ours, theirs : tuple of str
        How each commit and its day are written on pages.
    """

    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()

    @classmethod
    def of(cls, ours: bytes, theirs: bytes) -> Self:
        """From the two files that say how to cite."""
        return cls(_written(ours), _written(theirs))

    def without(self, ours: str, theirs: str) -> tuple[str, str]:
        """Two texts without what names the commits, and that a tree differed from its own."""
        changed = [f" {wording('book.word.changes', language)}" for language in LANGUAGES]
        for text in (*self.ours, *changed):
            ours = ours.replace(text, "")
        for text in (*self.theirs, *changed):
            theirs = theirs.replace(text, "")
        return ours, theirs


def _written(citation: bytes) -> tuple[str, ...]:
    said = dict(BUILT.findall(citation.decode("utf-8")))
    if said.keys() != {"commit", "date-released"}:
        return ()
    day = date.fromisoformat(said["date-released"])
    days = (number_format.date(day, language) for language in LANGUAGES)
    return said["commit"], number_format.short_hash(said["commit"]), *days


def difference(
    name: str, ours: bytes, theirs: bytes, same: Same, versions: Versions
) -> Message | None:
    """Say in words how two versions of a file differ; None where they say the same.

    Parameters
    ----------
    name : str
        File name, neither CSV nor JSON.
    ours, theirs : bytes
    same : callable
        Compares two numbers.
    versions : Versions
        Words are compared between builds of one commit only.
    """
    suffix = Path(name).suffix
    if suffix == PNG and not _same_picture(ours, theirs):
        return message("release.picture")
    if suffix == PDF:
        return _prints(ours, theirs, versions)
    if suffix == PNG or (ours.startswith(ZIPPED) and theirs.startswith(ZIPPED)):
        # texts of a workbook or document, or what programs write into a picture
        members = zip_longest(parts(name, ours), parts(name, theirs))
        texts = ((one.text if one else "", other.text if other else "") for one, other in members)
        return next(filter(None, (_texts(*pair, same, versions) for pair in texts)), None)
    try:
        one, other = ours.decode("utf-8"), theirs.decode("utf-8")
    except UnicodeDecodeError:
        return message("release.bytes")
    if suffix == HTML:
        # one machine prints and the other does not
        one, other = print_links.without_links(one), print_links.without_links(other)
    packed = zip_longest(PACKED.findall(one), PACKED.findall(other), fillvalue="")
    if not all(a == b or _same_picture(_bytes(a), _bytes(b)) for a, b in packed):
        return message("release.picture")
    one, other = PACKED.sub("", one), PACKED.sub("", other)
    return _texts(one, other, _same_place if suffix == SVG else same, versions)


def _texts(ours: str, theirs: str, same: Same, versions: Versions) -> Message | None:
    """How two texts differ: in a number, or, where both are of one commit, in a word."""
    if ours == theirs:
        return None
    one, other = (NUMBER.split(text) for text in versions.without(ours, theirs))
    # numbers stand at odd places
    for here, there in zip_longest(one[1::2], other[1::2], fillvalue="-"):
        if here != there and not same(here, there):
            return message("release.number", here=here, there=there)
    if versions.ours == versions.theirs and one[::2] != other[::2]:
        return message("release.words")
    return None


def _same_place(one: str, other: str) -> bool:
    try:
        return abs(float(one) - float(other)) <= PLACED
    except ValueError:
        return False


def _bytes(packed: str) -> bytes:
    return base64.b64decode(packed[: len(packed) // 4 * 4])


def _same_picture(ours: bytes, theirs: bytes) -> bool:
    """Whether two pictures look the same; what cannot be opened is not the same."""
    try:
        one, other = (image.imread(io.BytesIO(data), format="png") for data in (ours, theirs))
    except (OSError, SyntaxError, ValueError):
        return False
    if one.shape != other.shape:
        return False
    return bool(np.abs(one.astype(float) - other).max(initial=0) * 255 <= COLOURED)


def _prints(ours: bytes, theirs: bytes, versions: Versions) -> Message | None:
    """How two prints differ in what can be read there.

    Another version of Pango breaks lines elsewhere, so that numbers are compared wherever
    they stand; where it needs more sheets, those with decimals, which number no sheet.
    """
    try:
        read = [print_letters.sheets(data) for data in (ours, theirs)]
    except pikepdf.PdfError:
        return message("release.bytes")
    texts = versions.without("\n".join(read[0]), "\n".join(read[1]))
    one, other = (Counter(NUMBER.findall(text)) for text in texts)
    if len(read[0]) != len(read[1]):
        one, other = (Counter(dict.fromkeys(filter(DECIMAL.search, c), 1)) for c in (one, other))
    gone, new = one - other, other - one
    if not gone and not new:
        return None
    return message("release.number", here=_first(gone), there=_first(new))


def _first(numbers: Counter[str]) -> str:
    return next(iter(numbers), "-")
