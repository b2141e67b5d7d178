# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Numbers of tables and figures in references, with each page opened once.

Sphinx unpacks the whole page of the target again for every reference to one of its numbers: half
the time of a book with hundreds of them.
"""

from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment


class OpenPages:
    """The environment of the build, but pages stay open; for reading alone."""

    def __init__(self, env: BuildEnvironment) -> None:
        self._env = env
        self._pages: dict[str, nodes.document] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def get_doctree(self, docname: str) -> nodes.document:
        """The page as it was read, without what is resolved later."""
        if docname not in self._pages:
            self._pages[docname] = self._env.get_doctree(docname)
        return self._pages[docname]


class NumberedDomain(StandardDomain):
    """Sphinx's own domain, which resolves references to numbers from pages that stay open."""

    _open: OpenPages | None = None

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.Element | None:
        """As Sphinx does it; references are resolved when all pages have been read."""
        if typ == "numref":
            self._open = self._open or OpenPages(env)
            env = self._open  # type: ignore[assignment]
        return super().resolve_xref(env, fromdocname, builder, typ, target, node, contnode)


def setup(app: Sphinx) -> dict[str, Any]:
    """Put the domain in the place of Sphinx's own."""
    app.add_domain(NumberedDomain, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
