"""Ctrl-C while the command line is still being loaded ends it without a word.

Nothing is under way then. `__main__` imports this before everything else of the package.
"""

import contextlib
import signal
import sys


def _is_command_line() -> bool:
    """Whether this process is ``python -m evaluation``, and not a program that imports it."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return spec is not None and spec.name == "evaluation.__main__"


def heed() -> None:
    """From here on Ctrl-C is an exception again, which a command tidies up after."""
    # in a thread that is not the first nothing was changed
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)


if _is_command_line():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
