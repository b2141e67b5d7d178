"""The console script ``evaluation``: sees whose package it is before it starts it.

On an index the name `evaluation` is another project's. Where both are installed the files of the
two lie in one folder, and whichever came last has overwritten the other's: nothing of it is
imported then.
"""

import importlib.util
import os
import sys
from importlib.metadata import distributions
from pathlib import Path

OURS, PACKAGE = "impact-evaluation", "evaluation"
OTHERS = {
    "en": (
        "evaluation stopped: {folder} belongs to the distribution `{other}` too, another project\n"
        "  fix: remove that one, and install ours again from its wheel or the repository:\n"
        "    python -m pip uninstall {other}\n"
        "    python -m pip install --force-reinstall --no-deps WHEEL_OR_FOLDER\n"
    ),
    "es": (
        "evaluation se detuvo: {folder} pertenece también a la distribución `{other}`, otro"
        " proyecto\n"
        "  qué hacer: quite esa e instale de nuevo la nuestra desde su wheel o el repositorio:\n"
        "    python -m pip uninstall {other}\n"
        "    python -m pip install --force-reinstall --no-deps WHEEL_O_CARPETA\n"
    ),
}


def others(package: Path) -> list[str]:
    """Names of the other distributions that installed a package's first file.

    Parameters
    ----------
    package : Path
        Folder of the package that would be imported.
    """
    first = f"{package.name}/__init__.py,"
    return sorted(
        {
            one.metadata["Name"]
            for one in distributions(path=[str(package.parent)])
            if any(line.startswith(first) for line in (one.read_text("RECORD") or "").splitlines())
        }
        - {OURS}
    )


def main() -> None:
    """Run a command as ``python -m evaluation`` does, unless the package is another project's."""
    if Path(Path(__file__).name).is_file():
        # the repository: its own code runs on its files
        sys.path.insert(0, str(Path.cwd()))
    else:
        # a module of the user's own must not stand in for one of a library when stages start
        os.environ["PYTHONSAFEPATH"] = "1"
    found = importlib.util.find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        for other in others(Path(folder)):
            said = OTHERS.get(os.environ.get("EVAL_LANG", "en"), OTHERS["en"])
            sys.exit(said.format(folder=folder, other=other))
    # messages name the command as it was typed
    os.environ["EVAL_COMMAND"] = PACKAGE
    command = importlib.import_module(f"{PACKAGE}.__main__")
    sys.exit(command.piped(sys.argv[1:]))
