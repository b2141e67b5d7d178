"""A file of text some bytes at a time, so that it is never whole in memory.

Whoever looks at it asks for its blocks once more: reading a file again from the disk's cache takes
less than what is done with it. Nothing may depend on where one block ends and the next begins.
"""

import codecs
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

# bytes at a time, and about as many of the rows that are made of them
BLOCK = 4 << 20
MARK = b"\xef\xbb\xbf"
UTF_8 = ("utf-8", "utf-8-sig")
# letters that a search may look back
BEHIND = 16


class NotInEncoding(ValueError):
    """A byte that is no text in an encoding, by its place in the file."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class Bytes(Protocol):
    """What a file's bytes are asked for: how many there are, and some of them."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class FileBytes:
    """Bytes of an open file, read when they are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    def __len__(self) -> int:
        """How many there are."""
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Those from a place to before another."""
        start, end, _ = part.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(end - start, 0))


def blocks(data: Bytes, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes from one place to before another."""
    last = len(data) if end is None else end
    for place in range(start, last, BLOCK):
        yield data[place : min(place + BLOCK, last)]


@dataclass(frozen=True, slots=True)
class Utf8:
    """The text of a file in UTF-8 without its mark.

    Attributes
    ----------
    data : Bytes
        The file.
    encoding : str
        In which it is written, with its mark where the encoding has one.
    """

    data: Bytes
    encoding: str

    def blocks(self) -> Iterator[bytes]:
        """Its bytes; a letter may begin in one block and end in the next.

        Raises
        ------
        NotInEncoding
            It is in another encoding than UTF-8, and not in this one.
        """
        if self.encoding in UTF_8:
            yield from blocks(self.data, start=len(MARK) if self.encoding == "utf-8-sig" else 0)
            return
        for text in decoded(self.data, self.encoding):
            yield text.encode()

    def lines(self) -> Iterator[bytes]:
        """Its bytes in blocks of whole physical lines, whichever line ends it has."""
        left: list[bytes] = []
        for part in self.blocks():
            # an old line end, a CR alone, is known by the byte behind it
            cut = part.rfind(b"\n") + 1 or part.rfind(b"\r", 0, len(part) - 1) + 1
            if cut:
                yield b"".join((*left, part[:cut]))
                left = []
            left.append(part[cut:])
        yield b"".join(left)

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """The same as text, with the letters before a block, and those behind it up to a word.

        What stands behind a line end may decide what the line says, and so may what stands before
        an old one.
        """
        before, held = "", ""
        for block in self.lines():
            text = block.decode()
            if held and text.strip():
                yield before, held, text[: len(text) - len(text.lstrip()) + 1]
                before, held = (before + held)[-BEHIND:], ""
            held += text
        yield before, held, ""

    def pieces(self, ends: Iterable[int]) -> Iterator[bytes]:
        """Its bytes up to each of some places."""
        left, start, more = b"", 0, self.blocks()
        for end in ends:
            parts, held = [left], len(left)
            while held < end - start and (part := next(more, None)) is not None:
                parts.append(part)
                held += len(part)
            whole = b"".join(parts)
            yield whole[: end - start]
            left, start = whole[end - start :], end


def decoded(data: Bytes, encoding: str) -> Iterator[str]:
    """A file's text, block by block.

    Raises
    ------
    NotInEncoding
        It is not in this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    place = 0
    for part in itertools.chain(blocks(data), (b"",)):
        waiting = decoder.getstate()[0]
        try:
            text = decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            raise NotInEncoding(place - len(waiting) + error.start) from None
        place += len(part)
        yield text
