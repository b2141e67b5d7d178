"""Lines of the functions that compute what the summary claims, read from the program itself."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from evaluation import io
from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.report.figure_style import draws
from evaluation.report.table import builds
from evaluation.spec.configuration import Configuration

PROGRAM = Path(__file__).resolve().parents[2]


def makers(configuration: Configuration) -> dict[str, str]:
    """For each exhibit the function that makes it, as ``module:function``."""
    builders = {**builds, **draws}
    return {
        exhibit.id: f"{builders[exhibit.builder].__module__}:{builders[exhibit.builder].__name__}"
        for exhibit in configuration.registry.exhibit
    }


def lines(configuration: Configuration) -> dict[str, int]:
    """First line of every function that a claim of the review names, or that makes its exhibit.

    Raises
    ------
    SpecError
        A claim names a module or a function that the program does not have.
    """
    if configuration.review is None:
        return {}
    made = makers(configuration)
    named = {f for claim in configuration.review.claim for f in claim.functions}
    named |= {made[claim.exhibit] for claim in configuration.review.claim if claim.exhibit in made}
    return find(named, where=f"{configuration.study.id}/review.toml")


def find(functions: Iterable[str], *, where: str, program: Path = PROGRAM) -> dict[str, int]:
    """First line of each function, from the syntax tree of its module.

    Parameters
    ----------
    functions : iterable of str
        ``evaluation.stats.did:two_rounds``; methods are not looked up.
    where : str
        File that names them, for messages.
    program : Path
        Folder that holds the package.

    Raises
    ------
    SpecError
        There is no such module or function.
    """
    known: dict[str, Mapping[str, int]] = {}
    found: dict[str, int] = {}
    for function in sorted(functions):
        module, _, name = function.partition(":")
        if module not in known:
            known[module] = _functions(program, module)
        if name not in known[module]:
            raise SpecError(
                message("claim-without-function.problem", function=function),
                where=where,
                mend=message("claim-without-function.mend"),
                rule="claim-without-function",
            )
        found[function] = known[module][name]
    return found


def _functions(program: Path, module: str) -> Mapping[str, int]:
    path = program.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        return {}
    tree = ast.parse(io.read_text(path))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node.lineno for node in tree.body if isinstance(node, kinds)}
