"""Jupyter Book in a process of its own, without what takes its time and gives the book nothing.

Trees of pages hold no cycles worth looking for. Each parsed text asks the installed packages for
their plugins anew. Sphinx describes nodes at length for a log that nobody reads.
"""

import functools
import gc
import importlib
import importlib.metadata
import os
import sys
from pathlib import Path
from typing import Any

import pybtex.plugin
import sphinx.util.logging
import sphinx.util.nodes

from evaluation.storage import program_files
from evaluation.storage.folders import UNASKED


def main() -> None:
    """Run the command line of Jupyter Book."""
    gc.disable()
    sys.modules[UNASKED] = None  # type: ignore[assignment]
    asks: Any
    for asks in (importlib.metadata, pybtex.plugin):
        asks.entry_points = functools.cache(asks.entry_points)
    logs: Any = sphinx.util.logging.SphinxLoggerAdapter
    logs.debug = lambda *_, **__: None
    sphinx.util.nodes.repr_domxml = lambda *_: ""
    try:
        # not before: it imports what asks for the plugins
        importlib.import_module("jupyter_book.cli.main").main()
    finally:
        loaded = Path(os.environ["EVAL_LOADED"])
        # there is no folder where the sources themselves are wrong
        if loaded.parent.is_dir():
            loaded.write_text("\n".join(program_files.loaded()), "utf-8")


if __name__ == "__main__":
    main()
