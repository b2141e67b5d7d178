"""Command ``status``: what of a study is built, and from which plan and data."""

import argparse
import sys

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.cli.told import counted, spoken
from evaluation.spec.load import Text
from evaluation.spec.status import open_in, to_settle

SHOWN_DIGITS = 12
STUDY, NONE = Text(en="study", es="estudio"), Text(en="none", es="nada")
RESULTS = {
    "plan_hash": Text(en="results of plan hash", es="resultados del plan con huella"),
    "data_hash": Text(en="results of data hash", es="resultados de los datos con huella"),
}
BUILT = (
    Text(en="clean files", es="archivos limpios"),
    Text(en="result tables", es="tablas de resultados"),
    Text(en="exhibits", es="tablas y figuras"),
    Text(en="executed notebooks", es="cuadernos ejecutados"),
    Text(en="pages", es="páginas"),
)
DECIDE = Text(en="to decide", es="por decidir")
CONFIRM = Text(en="to confirm", es="por confirmar")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Print one line for each kind of result."""
    paths = Paths.of(options)
    book = paths.language(options.language)
    results = paths.build / "results.json"
    language = spoken(options.language)
    sys.stdout.write(f"{STUDY[language]} {options.study}\n")
    if results.is_file():
        made_from = io.read_json(results)
        for name, said in RESULTS.items():
            digest = str(made_from[name])[:SHOWN_DIGITS]
            sys.stdout.write(f"  {said[language]} {digest}\n")
    counts = (
        len(list(paths.clean.glob("*"))),
        len(list(paths.build.glob("*.csv"))),
        len(list((book / "exhibits").glob("*.json"))),
        len(list((book / "notebooks").glob("*.ipynb"))),
        sum(path.parent.name != "files" for path in (book / "site").glob("**/*.html")),
    )
    for what, count in zip(BUILT, counts, strict=True):
        sys.stdout.write(f"  {what[language]}: {count or NONE[language]}\n")
    _left(paths, language)


def _left(paths: Paths, language: str) -> None:
    """Decisions that are open and comments of a draft that are not settled."""
    found, comments = open_in(paths.config), to_settle(paths.config)
    for where, decision in found:
        sys.stdout.write(f"  {DECIDE[language]}: {where} `{decision.key}`: {decision.question}\n")
    if comments:
        listed = ", ".join(f"{file} {count}" for file, count in comments.items())
        number = counted(sum(comments.values()), "comment", language)
        sys.stdout.write(f"  {CONFIRM[language]}: {number} ({listed})\n")
