"""Single rules of the search at their edges: exactly what is found, where, and one step beside it.

All identifiers are invented. Texts are written as they stand; a hit's text is cut at its edges.
"""

import re

import pytest

from evaluation.release import identifier_patterns, identifier_scan
from evaluation.release.identifier_scan import (
    KnownValues,
    answers_by_word,
    is_telling_id,
    is_telling_place,
    search,
)
from evaluation.release.published_text import TextPart
from tests.tables import cases

CASES = cases(__file__)

# written apart, so that the scan of the tree for machine paths does not stop at this file
HOME, USERS, TEMPORARY = "home", "Users", "tmp"
SERVED, DRIVE = "srv", "C:"
KNOWN = KnownValues(
    ids=frozenset({"P48213", "A_917"}),
    answers=answers_by_word({"Vinieron de noche y me quitaron la finca", "Quitaron todo lo mío"}),
    places=frozenset({"macondo"}),
    place_names=("villa del sur", "puerto escondido"),
    folders=("/srv/copy", "/opt/eval"),
)


def hits(text, *, cells=False, name="p.txt", known=KNOWN):
    return [(h.rule, h.line, h.text) for h in search(TextPart(name, text, cells), known)]


def without_names(text):
    """What is found beside the names of persons in a text, which have a rule of their own."""
    return [hit for hit in hits(text) if hit[0] != "name"]


def one(rule, text, line=1):
    return [(rule, line, text)]


# ---- patterns ----------------------------------------------------------------------------------

FOUND = CASES["found"]


@pytest.mark.parametrize(("rule", "text"), FOUND)
def test_a_hit_is_the_text_itself_at_both_ends_and_inside_a_line(rule, text):
    """The rule is one's own, and its text without what stands around it."""
    assert hits(text) == one(rule, text)
    for around in (f"so: {text} and", f"x ({text}) y", f"a much longer line before it, {text}\nz"):
        assert [(r, line, t.strip(identifier_scan.EDGES)) for r, line, t in hits(around)] == one(
            rule, text
        )
    # lines are counted from one, also where the first is empty
    assert hits(f"\nso: {text}") == one(rule, text, line=2)
    assert hits(f"a\n\nb\nso: {text}\nc\n") == one(rule, text, line=4)


@pytest.mark.parametrize(("rule", "text"), FOUND)
def test_every_place_where_it_stands_is_found(rule, text):
    twice = f"{text}\nbetween\nso: {text}\n"
    lines = [line for _, line, _ in hits(twice)]
    # an open answer is looked for once in a text
    assert lines == ([1] if rule == "raw-answer" else [1, 3])


@pytest.mark.parametrize("text", CASES["one_step_beside"])
def test_one_step_beside_a_pattern(text):
    assert hits(text) == []


def test_what_stands_too_far_in_front_is_not_looked_at():
    # addresses reach 40 characters back, mails 64
    assert hits("calle 45" + " " * 2 + "# 12-34") == one("address", "calle 45  # 12-34")
    mail = f"{'a' * 70}@example.org"
    assert hits(mail) == one("e-mail", mail[6:])
    assert hits(f"{'b' * 40} 4.60971, -74.08175") == one("gps", "4.60971, -74.08175")


def test_a_latitude_is_looked_for_in_the_45_characters_in_front():
    for digits, found in ((42, True), (43, False)):
        latitude = f"4.{'6' * digits},"
        assert len(latitude) == digits + 3
        assert bool(hits(f"{latitude}-74.08175")) is found


def test_a_pattern_is_looked_around_only_where_it_matches():
    """``reach`` characters in front, and only what ends where the match begins."""

    def find(text: str) -> list[tuple[int, int]]:
        before = re.compile(r"[a-z]+\Z")
        return list(identifier_patterns.around(text, re.compile("@"), before, 3))

    assert find("abcde@ @ fg@") == [(2, 6), (9, 12)]
    assert find("@") == []
    # at the beginning of a text there may be fewer characters than the reach
    assert find("a@") == [(0, 2)]
    assert find("abc@") == [(0, 4)]


def test_a_hit_at_the_beginning_of_a_line_is_in_that_line():
    """The sign that parts a number from what stands before it may be the end of a line."""
    for rule, text in (("mobile", "310 555 1234"), ("address", "Calle 45 # 12-34")):
        assert hits(f"a\n{text}") == one(rule, text, line=2)
        assert hits(f"a\n\n{text}\n") == one(rule, text, line=3)


def test_a_second_cedula_word_in_the_same_line():
    assert hits("cédula, y otra cédula 52345678")[-1] == ("cedula", 1, "cédula 52345678")
    assert hits("xcédula 52345678 cédula 52345679") == one("cedula", "cédula 52345679")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20210228", True), ("cc 2021-02-28", True), ("19991231", True), ("20000101", True),
        ("20211301", False), ("20210032", False), ("20210230", True), ("20210200", False),
        ("20210332", False), ("18991231", False), ("21000101", False), ("2021022", False),
        ("202102281", False), ("20211001", True), ("20210910", True),
    ],
)  # fmt: skip
def test_days(text, day):
    assert identifier_patterns.is_day(text) is day


# ---- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "rule"), CASES["cells"])
def test_a_number_that_fills_a_cell(number, rule):
    expected = one(rule, number) if rule else []
    # at the beginning, at the end, and between
    filled = ("{}", "{},b", "a,{}", "a;{};b", "[{}]", "<{}>")
    for text in (pattern.format(number) for pattern in filled):
        assert hits(text, cells=True) == expected, text
        assert hits(text, cells=False) == [], text
    # not where it is one of several words
    for text in (f"a {number}", f"{number} b", f"x={number}", f"{number}%", f"-{number}"):
        assert hits(text, cells=True) == [], text


# ---- numbers parted as on the card -------------------------------------------------------------


@pytest.mark.parametrize("text", CASES["dotted"])
def test_a_dotted_number_of_a_person(text):
    number = re.search(r"{(\d[\d.']*)}", text)[1]
    written = re.sub(r"{(\d[\d.']*)}", r"\1", text)
    assert without_names(written) == one("cedula", number)


@pytest.mark.parametrize("text", CASES["amounts"])
def test_amounts_with_dots_are_no_persons(text):
    assert without_names(text) == []


# ---- coordinates and addresses -----------------------------------------------------------------


@pytest.mark.parametrize(("rule", "text"), CASES["places"])
def test_other_ways_to_write_a_place(rule, text):
    assert hits(text) == one(rule, text)
    assert hits(f"en la {text} de aquí") == one(rule, text)


@pytest.mark.parametrize("text", CASES["no_places"])
def test_what_looks_like_a_place_so_written(text):
    assert hits(text) == []


def test_accents_of_web_addresses_are_read():
    assert hits("q=4%C2%BA36%27%20N") == one("gps", "4º36' N")


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\u2060", "\ufeff"])
def test_signs_that_nobody_sees_part_nothing(sign):
    assert hits(f"310{sign}5551234") == one("mobile", "3105551234")


# ---- words -------------------------------------------------------------------------------------


INSIDE = ("xP48213", "P48213x", "-XP48213", "9P48213", "P482139", "ñP48213")


@pytest.mark.parametrize("beside", INSIDE)
def test_an_id_inside_a_longer_word_is_another_one(beside):
    assert hits(f"P48213\n{beside}") == one("raw-id", "P48213")
    assert hits(f"{beside}\nP48213") == one("raw-id", "P48213", line=2)
    # not even where the id itself is nowhere
    assert hits(beside) == []


@pytest.mark.parametrize(
    "beside", ["-P48213", "P48213-", ".P48213.", "P48213:", "_P48213", "P48213_", "p48213"]
)
def test_other_signs_part_words(beside):
    assert [(r, line) for r, line, _ in hits(f"P48213\n{beside}")] == [("raw-id", 1), ("raw-id", 2)]


@pytest.mark.parametrize("beside", ["xpuerto escondido", "puerto escondidos", "_puerto escondido",
                                    "-xpuerto escondido", "puerto escondido_"])  # fmt: skip
def test_a_place_of_two_words_inside_longer_ones_is_another(beside):
    assert hits(f"puerto escondido\n{beside}") == one("place", "puerto escondido")
    assert hits(f"{beside}\npuerto escondido") == one("place", "puerto escondido", line=2)


def test_words_of_a_place_or_answer_in_another_order_are_neither():
    assert hits("escondido puerto; del sur la villa") == []
    assert hits("la finca me quitaron y de noche vinieron") == []


@pytest.mark.parametrize("written", CASES["answers"])
def test_an_answer_with_other_accents_or_cut_short(written):
    rule, _, found = hits(f"dijo: {written}.")[0]
    assert (rule, found.startswith(written[:20])) == ("raw-answer", True)


@pytest.mark.parametrize(
    "written",
    [
        "vinieron de noche y me",  # five words
        "de noche y me quitaron la finca",  # without its beginning
        "vinieron de noche y me quitaron-la"[:-4] + "le",
        "quitaron todo lo",  # an answer of four words is one as a whole
    ],
)
def test_fewer_words_of_an_answer_are_none(written):
    assert hits(written) == []


def test_six_short_words_are_like_any_text():
    known = KnownValues(answers=answers_by_word({"no sé si es lo que digo yo de eso"}))
    assert hits("no sé si es lo que", known=known) == []
    assert hits("NO SE SI ES LO QUE DIGO YO DE ESO", known=known) != []


def test_answers_across_lines_and_among_others_of_the_same_longest_word():
    answer = "vinieron de noche y me quitaron la finca"
    assert answers_by_word({"Vinieron de  noche", " vinieron\nde noche", "vinieron ellos"}) == {
        "vinieron": ("vinieron de noche", "vinieron ellos")
    }
    assert hits(f"a\n{answer}") == one("raw-answer", answer, line=2)
    # each answer that shares a longest word is looked for, also after one that is not there
    known = KnownValues(answers=answers_by_word({"vinieron de noche", "vinieron ellos"}))
    assert hits("que vinieron ellos", known=known) == one("raw-answer", "vinieron ellos")
    broken = answer.replace(" ", "\n")
    assert hits(broken) == one("raw-answer", broken)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("ana gil r", "ana"),  # nine characters
        ("ana gil.", None),  # eight
        ("desplazamiento forzado", "desplazamiento"),
        ("desplazamien", "desplazamien"),  # one word of twelve characters
        ("desplazamie", None),
        ("12345678 1234", "12345678"),  # eight digits are no time of day
        ("1234567 123456", None),
        ("2021-02-28 08:15:30", None),
        (" ".join(["*****"] * 6) + " la finca", "finca"),  # it opens with no word at all
        ("", None),
    ],
)
def test_which_answers_can_be_told(answer, word):
    assert answers_by_word({answer}) == ({word: (answer,)} if word else {})


@pytest.mark.parametrize(("text", "telling"), CASES["telling_ids"])
def test_which_ids_can_be_told(text, telling):
    assert is_telling_id(text) is telling


@pytest.mark.parametrize(
    ("name", "telling"),
    [
        ("el 11", False), ("san 1", True), ("a1b 11", False), ("m 1", False), ("m1", False),
        ("m01", True), ("cali", True), ("1234", False), ("12345", True), ("123", False),
    ],
)  # fmt: skip
def test_which_places_can_be_told(name, telling):
    assert is_telling_place(name) is telling


def test_the_theme_of_the_book_is_searched_for_everything_but_places():
    name = "site/_static/a.css"
    assert hits("macondo P48213", name=name) == one("raw-id", "P48213")
    for other in ("site/_static/a.html", "site/static/a.css", "_static/a.css"):
        assert ("place", 1, "macondo") in hits("macondo", name=other), other


def test_a_longitude_that_hangs_on_a_letter_is_none():
    labelled = "latitud: 4.71100 y la longitud es de {}-74.07200"
    assert hits(labelled.format("a ")) == one("gps", "-74.07200")
    for before in ("x", "1", " x"):
        assert hits(labelled.format(before)) == []


# ---- folders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"/{HOME}/ana/x.csv", f"/{HOME}/ana"),
        (f"see '/{TEMPORARY}/a-b.c/d'", f"/{TEMPORARY}/a-b.c"),
        (f"/{USERS}/ana", f"/{USERS}/ana"),
        (f"{DRIVE}\\{USERS}\\ana\\x", f"{USERS}\\ana"),
        (f"c\\{USERS}\\ana", f"{USERS}\\ana"),
        (f"/{SERVED}/copy/x", f"/{SERVED}/copy"),
        ("x/opt/eval", "/opt/eval"),
    ],
)
def test_folders_of_persons_and_of_this_machine(text, found):
    assert hits(text) == one("path", found)
    # every one of them, however many
    whole = f"{text}\n\n{text}\n{text}"
    assert hits(whole) == [("path", line, found) for line in (1, 3, 4)]


@pytest.mark.parametrize(
    "text",
    [
        f"/{HOME}/",
        f"/{HOME}/ ana",
        f"x/{HOME}/ana",
        f"_/{HOME}/ana",
        *(f"{sign}/{HOME}/ana" for sign in sorted(identifier_scan.INSIDE_PATH)),
        f"{HOME}/ana",
    ],
)
def test_the_same_names_inside_a_path_are_no_folders(text):
    assert hits(text) == []
    # and do not hide one that stands behind
    assert hits(f"{text}\n/{HOME}/ana") == one("path", f"/{HOME}/ana", line=2)


# ---- the whole ---------------------------------------------------------------------------------


def test_the_same_text_in_the_same_line_is_one_hit_and_rules_come_in_order():
    assert hits("P48213 P48213") == one("raw-id", "P48213")
    text = "macondo P48213 3105551234 ana@example.org"
    assert [rule for rule, *_ in hits(text)] == ["e-mail", "mobile", "raw-id", "place"]
    (hit,) = search(TextPart("a.txt", "x P48213", cells=False), KNOWN)
    assert (hit.name, repr(hit)) == ("a.txt", "Hit('raw-id', 'a.txt', line 1)")


def test_nothing_is_known_unless_it_is_given():
    assert search(TextPart("a.txt", "macondo P48213 /srv/copy", cells=False)) == ()


def test_signs_that_part_words():
    parted = re.split(" +", "a-b.c,d(e)f\u2019g\u00a0h_i\u00f1".translate(identifier_scan.PARTING))
    assert parted == ["a", "b", "c", "d", "e", "f", "g", "h_i\u00f1"]


@pytest.mark.parametrize(("public", "rules"), [(False, ["divipola"]), (True, [])])
def test_codes_of_places_are_what_a_study_of_places_is_about(public, rules):
    part = TextPart("sums.csv", "code,homicides\n05001,7\n", cells=True)
    assert [
        hit.rule for hit in search(part, KnownValues(answers={}, public_places=public))
    ] == rules
