"""Spanish of reasons and kinds against the source that writes them: nothing lacks.

The texts are read from the syntax tree of the statistics, where they stand as reasons, so that one
written tomorrow is asked for tomorrow.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.report import reasons
from evaluation.report.spanish import HOLE
from evaluation.stats import calibrate, steps
from evaluation.stats.robustness import differences

ROOT = Path(__file__).resolve().parents[2] / "evaluation"
# what is made with a text that becomes a reason, and at which place the text stands
MAKERS = {
    "StepUnavailable": 0,
    "nobody": 0,
    "_unavailable": 0,
    "_none": 1,
    "unavailable": 2,
    "_refused": 3,
}
KIND = re.compile(
    r"(?:CI_[A-Z]+|[A-Z_]*P_KIND|JACKKNIFE|APPROXIMATE|CONSTANT|NOT_LINEAR|[A-Z_]*WHY)$"
)
# modules whose texts reach nobody's exhibit: the door for frames in memory
NO_EXHIBIT = ("did", "in_memory")
# names in holes that stand for words of the source: both groups are said by one text
NAMES = {"name": "treated", "group": "treated", "JACKKNIFE": differences.JACKKNIFE}
# A part that only a run knows; its letters are in no template.
FILLED = "Q7"


def texts(node: ast.expr, names: dict[str, str]) -> Iterator[str]:
    """Texts that an expression may be, holes filled; none where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else hole(part, names)
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body, names)
        yield from texts(node.orelse, names)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from texts(value, names)


def hole(part: ast.expr, names: dict[str, str]) -> str:
    """What a run could put there: one of the words of the source where it has any."""
    assert isinstance(part, ast.FormattedValue)
    if isinstance(part.value, ast.IfExp):
        return next(texts(part.value, names))
    named = part.value.id if isinstance(part.value, ast.Name) else ""
    return names.get(named, FILLED)


def said() -> dict[str, str]:
    """Every reason and kind of the statistics, and where it stands."""
    found: dict[str, str] = {}
    paths = sorted(p for p in (ROOT / "stats").rglob("*.py") if p.stem not in NO_EXHIBIT)
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for expression in written(node):
                for text in texts(expression, NAMES):
                    found.setdefault(text, f"{path.relative_to(ROOT)}:{expression.lineno}")
    return found


def written(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions that a node gives as a reason or a kind."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and (target.id == "reason" or KIND.match(target.id)):
                yield node.value
    elif isinstance(node, ast.Call):
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        position = MAKERS.get(name)
        if position is not None and len(node.args) > position:
            yield node.args[position]


# Parts of a sentence that the source joins to one.
PARTS = {
    "constant effect assumed",
    f"{FILLED} clusters; means of fewer than {FILLED} clusters",
    f"{FILLED} are not given",
}
SAID = {text: where for text, where in said().items() if text not in PARTS and " " in text}


def test_the_source_is_read() -> None:
    """A collector that finds nothing would pass every other test."""
    assert len(SAID) > 70
    assert SAID["it happened to nobody"].startswith("stats/robustness/nonresponse.py")


def test_every_reason_has_its_spanish() -> None:
    lacking = [f"{where}: {text}" for text, where in SAID.items() if reasons.spanish(text) is None]
    assert not lacking, "add these to evaluation/report/reasons_es.toml:\n" + "\n".join(lacking)


def test_what_the_source_joins_has_its_spanish() -> None:
    for text in (
        "nobody was interviewed again",
        "columns cannot be estimated; constant at zero: a, b",
        "clusters' changes are drawn as this study had them; the plan differs: attrition 0, not 1",
        (
            "clusters and respondents are drawn as this study had them; the plan differs:"
            " R2 between clusters 0.5, not 0; R2 within clusters 0.5, not 0"
        ),
    ):
        said_so = reasons.spanish(text)
        assert said_so is not None
        assert not re.search(r"\b(?:the|of|are|not|was|at)\b", said_so)


@pytest.mark.parametrize("shape", ["interval", "unbounded", "pieces"])
@pytest.mark.parametrize("step", ["wcr_s", "ri"])
def test_every_kind_of_interval_has_its_spanish(step: str, shape: str) -> None:
    assert reasons.spanish(steps.ci_kind(step, shape)) is not None


def test_kinds_of_null_data_have_words() -> None:
    for null in calibrate.NULLS:
        text = reasons.in_language(f"{null}: the step cannot be had in 3 of 1,200 data sets", "es")
        assert null not in text
        assert text.endswith("no se puede aplicar en 3 de 1.200 conjuntos de datos")


def test_numbers_in_a_reason_get_the_marks_of_spanish() -> None:
    text = "the groups differ too little in exposure: squared t 3.4, withheld below 10"
    assert reasons.in_language(text, "es") == (
        "los grupos difieren muy poco en exposición: t al cuadrado 3,4; se reserva por debajo de 10"
    )
    assert reasons.in_language(text, "en") == text


def test_lists_are_joined_as_in_spanish() -> None:
    assert reasons.in_language("no effect for women and others", "es") == (
        "no hay efecto para women y las demás personas"
    )


def test_a_study_s_own_words_stay() -> None:
    own = "se repitió por solicitud del supervisor"
    assert reasons.in_language(own, "es") == own


def test_holes_of_both_languages_are_the_same() -> None:
    made = reasons.catalogue()
    for english, spanish in {**made.reasons, **made.parts}.items():
        holes = [sorted(number for number, _ in HOLE.findall(t)) for t in (english, spanish)]
        assert holes[0] == holes[1], english


def test_each_template_is_the_first_that_fits_its_reasons() -> None:
    """A generous template must not take the reasons of another."""
    _, others = reasons.templates("reasons")
    for made in others:
        text = HOLE.sub(FILLED, made.english)
        first = next(t for t in others if t.pattern.fullmatch(text))
        assert first is made, made.english
