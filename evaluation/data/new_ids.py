"""New ids and an order of rows that nobody without the key can lead back to the old ones.

HMAC (RFC 2104) with SHA-256: without the key, an id of the release is as good as drawn by lot, also
for somebody who knows the whole list of old ids. With it, a later delivery gets the same new ids.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import DataError
from evaluation.locale.messages import message

# bytes of a key: fewer than the digest's half could be tried out
SHORTEST_KEY = 16
# letters of an id: 50 bits, so that 100,000 persons share one with a chance of 1 in 200,000
LETTERS = 10


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key and the purpose it is used for; ids of two purposes cannot be linked.

    Attributes
    ----------
    key : bytes
        Secret. Never shown.
    purpose : str
        Study and file.
    """

    key: bytes = field(repr=False)
    purpose: str

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise DataError(
                message("release-key.problem", shortest_key=SHORTEST_KEY),
                where="EVAL_KEY_FILE",
                mend=message("release-key.mend"),
                rule="release-key",
            )

    def digest(self, kind: str, text: str) -> bytes:
        """Keyed digest of a text, 32 bytes; another kind or purpose gives another one."""
        message = f"{self.purpose}\0{kind}\0{text}".encode()
        return hmac.new(self.key, message, hashlib.sha256).digest()

    def ids(self, kind: str, old: Iterable[str]) -> dict[str, str]:
        """New id of each old one: the kind's first letter and ten letters and digits.

        Raises
        ------
        DataError
            Two old ids get the same new one.
        """
        known = sorted(set(old))
        new = {name: f"{kind[0].upper()}{_letters(self.digest(kind, name))}" for name in known}
        if len(set(new.values())) < len(new):
            raise DataError(
                message("two-ids-kind.problem", kind=kind),
                where="public-data",
                mend=message("use-another-key.mend"),
                rule="release-key",
            )
        return new

    def shuffled(self, kind: str, names: Iterable[str]) -> NDArray[np.int64]:
        """Order of the names by their digests: positions, shape (N,)."""
        digests = [self.digest(kind, name) for name in names]
        return np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype=np.int64)


def _letters(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii")[:LETTERS]
