# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""What extensions keep while the pages are read: an empty mapping each, anew for every build."""

from functools import partial

from sphinx.application import Sphinx


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
