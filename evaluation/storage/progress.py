"""That a stage is at work, on a terminal: its name and its seconds, gone when it says its line.

Where nobody sits at a terminal nothing is shown: a log has the line of each stage, and no more.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

# seconds until the first sign, and from one to the next
FIRST, NEXT = 2.0, 1.0


class _Sign:
    """The line that is shown now, if any; written and taken away by whoever holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.width = 0

    def show(self, text: str) -> None:
        with self.lock:
            sys.stderr.write(f"\r{text:<{self.width}}")
            sys.stderr.flush()
            self.width = len(text)

    def clear(self) -> None:
        with self.lock:
            if self.width:
                sys.stderr.write(f"\r{'':<{self.width}}\r")
                sys.stderr.flush()
                self.width = 0


_sign = _Sign()


def clear() -> None:
    """Take the sign away before something else is written; it comes back while work goes on."""
    _sign.clear()


@contextlib.contextmanager
def shown(label: str) -> Iterator[None]:
    """Show a sign of work while it goes on.

    Parameters
    ----------
    label : str
        What stands before the seconds.
    """
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def tick() -> None:
        begin, pause = time.monotonic(), FIRST
        while not ended.wait(pause):
            _sign.show(f"{label} … {time.monotonic() - begin:.0f} s")
            pause = NEXT

    ticking = threading.Thread(target=tick, daemon=True)
    # a machine without room for a thread shows no sign
    with contextlib.suppress(RuntimeError):
        ticking.start()
    try:
        yield
    finally:
        ended.set()
        if ticking.ident is not None:
            ticking.join()
        _sign.clear()
