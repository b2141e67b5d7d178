# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""What extensions know of the whole book: what they keep while pages are read, and their order."""

from functools import partial

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def keep(app: Sphinx, *names: str) -> None:
    """Start each build with empty mappings of these names in the environment.

    Parameters
    ----------
    app : Sphinx
    *names : str
    """
    app.connect("builder-inited", partial(_empty, names=names))


def _empty(app: Sphinx, *, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(app.env, name, {})


def in_order(env: BuildEnvironment) -> list[str]:
    """Names of the pages as the table of contents lists them.

    Parameters
    ----------
    env : BuildEnvironment
        After all pages were read.
    """
    found, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop()
        found.append(page)
        waiting.extend(reversed(env.toctree_includes.get(page, [])))
    return found
