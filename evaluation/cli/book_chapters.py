"""Which notebooks are chapters of a study's book."""

import re
from pathlib import Path

from evaluation import io

CHAPTER = re.compile(r"^\s*-\s*file:\s*notebooks/(\w+)\s*$", re.MULTILINE)


def chapters(table: Path) -> list[str]:
    """Names of the notebooks in a table of contents (``_toc.<study>.yml``), in its order."""
    return CHAPTER.findall(io.read_text(table))
