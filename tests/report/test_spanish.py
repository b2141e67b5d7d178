"""The Spanish catalogue against the source of every message: nothing lacks, nothing is left over.

The messages are read from the syntax tree (``message_templates.py``), so a message that is written
tomorrow is asked for tomorrow.
"""

import functools
import re

import pytest

from evaluation.report.spanish import (
    HOLE,
    Template,
    catalogue,
    filled,
    in_language,
    spanish,
    template,
    templates,
)
from tests.report.message_templates import LIST, SAID, SPEAKING, read_messages

# A hole filled as a run would fill it: no template has these letters.
FILLED = "Q{}Z"
A_MESSAGE = "the cell is empty"
WORD = re.compile(r"[a-z]{3,}")
PLACED = re.compile(r"\{(?::(said|list))?\}")


@functools.cache
def said_by_the_source() -> tuple[tuple[str, str], ...]:
    """Templates of the source, each with where it stands.

    Read by the first test that asks: at import, whoever collects this file would wait for it.
    """
    return tuple(sorted({text: where for where, text in read_messages().said()}.items()))


def instance(source: str) -> str:
    """A template of the source with its holes filled."""
    count = iter(range(100))
    text = source.replace(SAID, A_MESSAGE).replace(LIST, f"{A_MESSAGE}; {A_MESSAGE}")
    text = re.sub(r"(?<!\{)\{\}(?!\})", lambda _: FILLED.format(next(count)), text)
    return text.replace("{{", "{").replace("}}", "}")


def test_the_source_is_read() -> None:
    """A collector that finds nothing would pass every other test."""
    texts = dict(said_by_the_source())
    # every layer that speaks: the checks alone are 600
    assert len(texts) > 900
    assert {w.partition("/")[0] for w in texts.values()} >= {*SPEAKING}
    assert texts["the respondent id stands already in row {}:{}"].startswith("data/identity_rules")
    assert "member {} is a symbolic link, not a file" in texts
    assert "answered although the skip rule leaves the question out" in texts
    assert "the scale of `{}` looks turned against round `{}`: {:list}" in texts


def test_every_message_can_be_read_from_the_source() -> None:
    unread = [
        f"{where}: {text[3:]}" for text, where in said_by_the_source() if text.startswith("?? ")
    ]
    assert not unread, "write these messages so that their text stands in the source:\n" + (
        "\n".join(unread)
    )


def test_every_message_has_its_spanish() -> None:
    lacking = [
        f"{where}: {text}"
        for text, where in said_by_the_source()
        if spanish(instance(text)) is None
    ]
    assert not lacking, "add these to evaluation/report/messages_es.toml:\n" + "\n".join(lacking)


def staying(made: Template) -> list[str]:
    """Holes whose text stays as it is, those in backticks apart: names are typed as they are."""
    return [
        number
        for number, kind in made.kinds.items()
        if kind == "" and made.english.partition(f"{{{number}}}")[0].count("`") % 2 == 0
    ]


def test_no_english_word_is_carried_over_in_a_hole() -> None:
    """A generous template must not swallow words that another branch of the source wrote."""
    _, others = templates("messages")
    left = []
    for text, where in said_by_the_source():
        said = instance(text)
        found = next((t for t in others if filled(t, said) is not None), None)
        if said in templates("messages")[0] or found is None:
            continue
        match = found.pattern.fullmatch(said)
        assert match is not None
        kept = [match[f"h{number}"] for number in staying(found)]
        left += [f"{where}: {text}: {hole}" for hole in kept if WORD.search(hole)]
    assert not left, "write these templates out in messages_es.toml:\n" + "\n".join(left)


# Arguments of a function are typed as they are; how often a value stands in a column is listed for
# up to four values, each with templates of its own.
AS_TYPED = ("stats/planning.py", "cli/new_study_files.py")


def is_known(part: str) -> bool:
    """Whether a part of a message has a pair, which may read the same in both languages."""
    bare = part.strip("'\"")
    exact, others = templates("parts", "library")
    return bare in exact or any(filled(t, bare) for t in others) or spanish(bare) is not None


def test_what_is_put_into_spanish_in_a_hole_has_its_pair() -> None:
    """`{0:word}` takes anything and leaves what it does not know in English."""
    _, others = templates("messages")
    left = []
    for text, where in said_by_the_source():
        said = instance(text)
        found = next((t for t in others if filled(t, said) is not None), None)
        if said in templates("messages")[0] or found is None or where.startswith(AS_TYPED):
            continue
        match = found.pattern.fullmatch(said)
        assert match is not None
        words = [match[f"h{n}"] for n, kind in found.kinds.items() if kind == "word"]
        left += [f"{where}: {text}: {w}" for w in words if WORD.search(w) and not is_known(w)]
    assert not left, "add these to [parts] of messages_es.toml, or write the messages out:\n" + (
        "\n".join(left)
    )


def test_no_pair_is_left_over() -> None:
    exact, others = templates("messages")
    said = [instance(text) for text, _ in said_by_the_source()]
    used = {text for text in said if text in exact}
    for text in said:
        found = next((t for t in others if filled(t, text) is not None), None)
        if text not in exact and found is not None:
            used.add(found.english)
    assert sorted(set(catalogue().messages) - used - {A_MESSAGE}) == []


def example(made: Template) -> str:
    fills = {"said": A_MESSAGE, "list": A_MESSAGE}
    return HOLE.sub(lambda h: fills.get(h[2] or "", FILLED.format(h[1])), made.english)


@pytest.mark.parametrize("names", [("messages",), ("parts", "library")])
def test_each_template_is_the_only_one_for_its_messages(names: tuple[str, ...]) -> None:
    """Two templates that one message fits equally well would be told apart by their alphabet."""
    exact, others = templates(*names)
    doubtful = []
    for made in others:
        text = example(made)
        fitting = [t for t in others if filled(t, text) is not None]
        if text in exact or fitting[0] is not made:
            doubtful.append((made.english, "is never reached"))
        doubtful += [
            (made.english, t.english)
            for t in fitting
            if t is not made and t.literal == made.literal
        ]
    assert doubtful == []


def test_every_message_is_found_inside_another() -> None:
    """A message with a bracket of its own, beside one that puts a bracket behind it."""
    around = [t for t in templates("messages")[1] if "said" in t.kinds.values()]
    assert len(around) > 4
    lost = []
    for text, _ in said_by_the_source():
        inner = instance(text)
        for made in around:
            whole = HOLE.sub(lambda h: inner if h[2] else "7", made.english)  # noqa: B023
            if inner in templates("messages")[0] and spanish(whole) is None:
                lost.append(whole)
    assert lost == []


def test_ambiguous_pairs_would_be_seen() -> None:
    one, other = template("the {0} is wrong", "a {0}"), template("{0} row is wrong", "b {0}")
    assert filled(one, "the row is wrong") == "a row"
    assert filled(other, "the row is wrong") == "b the"


def test_holes_of_both_languages_are_the_same() -> None:
    made = catalogue()
    pairs = {**made.messages, **made.parts, **made.library}
    for english, said in pairs.items():
        assert sorted(HOLE.findall(english)) == sorted(HOLE.findall(said)), english


def test_names_that_are_typed_are_the_same_in_both_languages() -> None:
    """What stands in backticks, and files, are typed by the reader: they are never translated."""
    typed = re.compile(r"`[^`]+`|\b\w+\.(?:toml|csv)\b")
    for english, said in catalogue().messages.items():
        assert set(typed.findall(english)) <= set(typed.findall(said)), english


def test_spanish_is_written_to_somebody_with_respect() -> None:
    """The field offices write usted; a few familiar imperatives would show a slip."""
    familiar = re.compile(r"(?:^|[,;:] )(corrige|revisa|escribe|pide|declara)\b|\b(tú|tus?)\b")
    spoken = [s for s in catalogue().messages.values() if familiar.search(s)]
    assert spoken == []


@pytest.mark.parametrize(
    ("english", "said"),
    [
        (
            (
                "correct the cell in corrections.csv, or declare the code for `t1`"
                " (allowed: 1, 2 or missing codes 98, 99)"
            ),
            (
                "corrija la celda en corrections.csv, o declare el código para `t1`"
                " (se permiten: 1, 2 o los códigos de faltante 98, 99)"
            ),
        ),
        (
            (
                "a spreadsheet shortened the number (1.23E+05), and digits are lost"
                " (389 of 389 cells, this one first)"
            ),
            (
                "una hoja de cálculo abrevió el número (1.23E+05) y se perdieron dígitos"
                " (389 de 389 celdas; esta es la primera)"
            ),
        ),
        (
            "the code is not in the dictionary (1,204 of 1,310 cells, this one first)",
            "el código no está en el diccionario (1,204 de 1,310 celdas; esta es la primera)",
        ),
        (
            "2.4% of the questions end in \"don't know\", of all interviewers' 0.3%",
            (
                'el 2.4% de las preguntas termina en "no sabe"; entre todas las personas'
                " encuestadoras, el 0.3%"
            ),
        ),
        (
            "the header is one cell: the declared delimiter is ',', the one found in it is tab",
            (
                "el encabezado es una sola celda: el separador declarado es ',', el que se"
                " encuentra en él es tabulador"
            ),
        ),
        (
            (
                "the scale of `t1` looks turned against round `baseline`: its correlation with 3"
                " other items is -0.31, in `baseline` +0.42; its mean is -0.50 SD from the"
                " midpoint, in `baseline` +0.48 SD"
            ),
            (
                "la escala de `t1` parece invertida frente a la ronda `baseline`: su correlación"
                " con otros 3 ítems es -0.31, en `baseline` +0.42; su media está a -0.50 DE del"
                " punto medio, en `baseline` a +0.48 DE"
            ),
        ),
        (
            "contradicts line 12, which drops the row",
            "contradice a la línea 12, que elimina la fila",
        ),
    ],
)
def test_messages_as_a_run_writes_them(english: str, said: str) -> None:
    assert in_language(english, "es") == said
    assert in_language(english, "en") == english


def test_what_no_template_knows_stays_as_it_is() -> None:
    assert spanish("a message nobody wrote") is None
    assert in_language("a message nobody wrote", "es") == "a message nobody wrote"
