"""Ctrl-C while the command line is still being loaded ends it without a word.

Nothing is under way then. Who runs a Python without the package's libraries is told so. `__main__`
imports this before everything else of the package.
"""

import contextlib
import importlib.util
import os
import signal
import sys

# the catalogue of messages needs this library itself
FIRST_LIBRARY = "babel"
WITHOUT = {
    "en": (
        "this Python has none of the package's libraries: {python}\n"
        "  fix: activate the environment that has them; or run make without EVAL_ENV=active, which"
        " sets up its own\n"
    ),
    "es": (
        "este Python no tiene las bibliotecas del paquete: {python}\n"
        "  qué hacer: active el entorno que las tiene, o corra make sin EVAL_ENV=active, que"
        " prepara el suyo\n"
    ),
}


def _is_command_line() -> bool:
    """Whether this process is ``python -m evaluation`` or its script, and no program of others."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return "evaluation_command" in sys.modules or (
        spec is not None and spec.name == "evaluation.__main__"
    )


def heed() -> None:
    """From here on Ctrl-C is an exception again, which a command tidies up after."""
    # in a thread that is not the first nothing was changed
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def refuse_bare() -> None:
    """End here where the libraries are not installed.

    Raises
    ------
    SystemExit
        They are not.
    """
    if importlib.util.find_spec(FIRST_LIBRARY) is None:
        language = os.environ.get("EVAL_LANG", "en")
        said = WITHOUT.get(language, WITHOUT["en"])
        sys.stderr.write(said.format(python=sys.executable))
        sys.exit(1)


if _is_command_line():
    refuse_bare()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
