"""Functions of the program that a study's claims name, with the lines they begin at.

Apart from the rest of the site: whoever needs the makers of figures loads what draws them, and the
stages after the exhibits draw nothing.
"""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from evaluation.errors import SpecError
from evaluation.report.figures.frame import draws
from evaluation.report.formats.table import builds
from evaluation.storage import disk
from evaluation.study.configuration import Configuration

PROGRAM = Path(__file__).resolve().parents[2]


def makers(configuration: Configuration) -> dict[str, str]:
    """For each exhibit the function that makes it, as ``module:function``."""
    builders = {**builds, **draws}
    return {
        exhibit.id: f"{builders[exhibit.builder].__module__}:{builders[exhibit.builder].__name__}"
        for exhibit in configuration.registry.exhibit
    }


def claim_lines(configuration: Configuration) -> dict[str, int]:
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
    return find_functions(named, where=f"{configuration.study.id}/review.toml")


def find_functions(
    functions: Iterable[str], *, where: str, program: Path = PROGRAM
) -> dict[str, int]:
    """First line of each function, from the syntax tree of its module.

    Parameters
    ----------
    functions : iterable of str
        ``evaluation.estimation.did:estimate``; methods are not looked up.
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
            raise SpecError.of(
                "claim-without-function",
                "claim-without-function",
                where,
                rule="claim-without-function",
                function=function,
            )
        found[function] = known[module][name]
    return found


def _functions(program: Path, module: str) -> Mapping[str, int]:
    path = program.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        return {}
    tree = ast.parse(disk.read_text(path))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node.lineno for node in tree.body if isinstance(node, kinds)}
