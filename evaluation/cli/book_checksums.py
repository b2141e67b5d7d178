"""What a second build has to give: sums of the records, as a release has them."""

import hashlib

from evaluation.cli.release import RECORDS
from evaluation.cli.release_disclosure import published
from evaluation.cli.stage import Paths


def checksums(paths: Paths) -> list[dict[str, str]]:
    """Name and SHA-256 of every result table of a release.

    Sums are those of the tables as they are published, without the levels of small cells: a sum
    over a withheld number could be tried against all numbers that it might be.
    """
    found = published(((name, paths.build / name) for name in sorted(RECORDS)), paths)
    return [
        {"name": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in found.items()
    ]
