"""What a file holds, without holding it: its size and its checksum."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a file.

    Attributes
    ----------
    size : int
        How many.
    sha256 : str
        Their checksum in hexadecimal.
    """

    size: int
    sha256: str
