"""The catalogue of messages against itself and against the source that uses it."""

import ast
import functools
import importlib
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog

from evaluation.config.toml_reader import Text
from evaluation.data.findings import Rule
from evaluation.locale import messages
from evaluation.locale.messages import (
    HOLE,
    LANGUAGES,
    Count,
    Message,
    Plain,
    ResultNumber,
    as_data,
    by_english,
    catalogue,
    entries,
    from_data,
    message,
    outside,
    outside_in,
    several,
    term,
    wording,
)
from evaluation.locale.typed_commands import TYPED
from evaluation.site import translations
from tests import package_names
from tests.messages import KEPT
from tests.report.in_spanish import FUNCTION_WORDS

CALLED = ("message", "messages.message", "Message", "wording", "Text.of")
METHOD = "source.wording"
# These take the parameters of an entry by name.
WITH_HOLES = ("message", "messages.message")
# These take an id, or several, of what an exhibit says.
OF_SOURCE = ("source.wording", "source.note")
# These take two ids, without their ``.problem`` and ``.fix``, and the parameters of both by name:
# how many positions stand before the ids.
OF_ERRORS = {
    **dict.fromkeys(("Error.of", "StepUnavailable.of"), 0),
    **dict.fromkeys(("raking_error", "sample_error", "survey_error", "weights_error"), 0),
    **dict.fromkeys(("call_error", "series_error", ".mistake"), 0),
    ".refuse": 1,
}
# These take ids of a problem and of its fix, and the parameters of both: how many positions stand
# before them.
OF_PAIRS = {
    "_wrong": 2,
    "Refusal": 2,
    **dict.fromkeys(("Problem.of", "row.error", "index_misfit"), 1),
    "CellError": 0,
}
# These take how the ids of a kind begin.
BY_KIND = ("entries", "term", "texts", "by_english", "understood")
# what is typed or is a name
NAMED = re.compile(r"`[^`]*`|--\w+|(?:from|to)-xlsx|CC BY 4\.0|DDI Codebook 2\.5|alt=\x22\w+\x22")
MARK = re.compile(r"[^\w-]")
# Words that both languages write alike, and names.
ALIKE = re.compile(
    r"^(?:p|M|no|CV\d|CR2|HC1|WCR|WCR-S|Conley|REML|CV3jackknife|Jackknife|panel|n|error|variable"
    r"|ordinal|id|No|APA|BibTeX|RIS|Plan|Omega|Control|nominal|Variable|pp|min|Error|km|CFI|RMSEA"
    r"|SRMR|git|make|python|variables|-|)$"
)
ROOT = Path(__file__).resolve().parents[2] / "evaluation"
# of what the engine says, and of all else
FOLDERS = (ROOT / "locale" / "engine", ROOT / "locale")
# ids that are found by the English of the entry, not by their name
BY_TEXT = ("word.", "outside.")


@functools.cache
def parsed(language: str) -> Catalog:
    both = Catalog(locale=language)
    for folder in FOLDERS:
        with (folder / f"{language}.po").open("rb") as file:
            for entry in pofile.read_po(file, locale=language, abort_invalid=True):
                assert not entry.id or entry.id not in both, entry.id
                both[entry.id] = entry
    return both


@functools.cache
def trees() -> dict[str, ast.Module]:
    paths = sorted(ROOT.rglob("*.py"))
    return {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text(encoding="utf-8")) for p in paths}


@functools.cache
def all_calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Every call of the source: its module, what is called, and the call."""
    return tuple(
        (name, ast.unparse(node.func), node)
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


@functools.cache
def constants() -> frozenset[str]:
    """Texts of the source."""
    return frozenset(
        text
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for text in (node.value, node.value.lower())
    )


def composed() -> Iterator[re.Pattern[str]]:
    """How ids read that the source puts together, such as ``f"benchmark-{kind}"``."""
    for name, tree in trees().items():
        for node in ast.walk(tree):
            # ids of errors stand in the calls
            if isinstance(node, ast.JoinedStr) and name != "errors.py":
                yield pattern_of(node)
                # a rule's problem and fix get their ending when they are asked for
                yield from (pattern_of(node, ending) for ending in (".problem", ".fix"))


def pattern_of(node: ast.JoinedStr, ending: str = "") -> re.Pattern[str]:
    """What a text that is put together may read, with what is set behind it."""
    parts = (
        re.escape(str(p.value)) if isinstance(p, ast.Constant) else "([a-z0-9_-]+)"
        for p in node.values
    )
    return re.compile("".join((*parts, re.escape(ending))))


def is_composed(identifier: str, pattern: re.Pattern[str]) -> bool:
    """Whether the source puts an id together of texts that stand in it."""
    found = pattern.fullmatch(identifier)
    return found is not None and all(
        {part, part.replace("-", "_"), part.replace("-", " ")} & constants()
        for part in found.groups()
    )


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every place of the source that asks for an entry, with its module."""
    for name, function, node in all_calls():
        of_ours = function in (*CALLED, *BY_KIND) or function.endswith(METHOD)
        if node.args and of_ours and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
            yield name, node


def test_both_languages_hold_the_same_ids_in_order():
    english, spanish = (list(catalogue(language)) for language in LANGUAGES)
    assert english == spanish
    assert english == sorted(set(english))


def test_no_entry_is_fuzzy_or_empty():
    for language in LANGUAGES:
        assert [entry.id for entry in parsed(language) if entry.id and entry.fuzzy] == []
        assert [i for i, texts in catalogue(language).items() if not all(texts)] == []


def test_every_entry_has_the_same_holes_in_both_languages():
    for identifier, texts in catalogue("en").items():
        spanish = catalogue("es")[identifier]
        assert len(texts) == len(spanish), identifier
        for one, other in zip(texts, spanish, strict=True):
            assert set(HOLE.findall(one)) == set(HOLE.findall(other)), identifier
        # the text of one may leave its number out
        assert set(HOLE.findall(texts[0])) <= set(HOLE.findall(texts[-1])), identifier


def test_names_that_are_typed_are_the_same_in_both_languages():
    """What stands in backticks, and files, are typed by the reader: they are never translated."""
    typed = re.compile(r"`(?!- file: |# )[^`]+`|\b\w+\.(?:toml|csv)\b")
    for identifier, texts in catalogue("en").items():
        for one, other in zip(texts, catalogue("es")[identifier], strict=True):
            assert set(typed.findall(one)) <= set(typed.findall(other)), identifier


def test_what_a_text_names_of_the_package_exists():
    """A reader calls or opens it: ``evaluation.x.y``, ``evaluation.x:y``, ``evaluation/x.py``."""
    named = [
        (language, identifier, name)
        for language in LANGUAGES
        for identifier, texts in catalogue(language).items()
        for text in texts
        for name in package_names.names(text)
    ]
    assert len(named) >= 4 * len(LANGUAGES)
    assert [one for one in named if not package_names.exists(one[-1])] == []


def test_spanish_is_written_to_somebody_with_respect():
    """The field offices write usted; a few familiar imperatives would show a slip."""
    familiar = re.compile(r"(?:^|[,;:] )(corrige|revisa|escribe|pide|declara)\b|\b(tú|tus?)\b")
    spoken = [t for texts in catalogue("es").values() for t in texts if familiar.search(t)]
    assert spoken == []


def test_no_english_text_stands_twice():
    """One sentence, one id: words that mean several things, and reasons of kinds, apart."""
    seen: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    for identifier, texts in catalogue("en").items():
        same = seen.setdefault((texts, catalogue("es")[identifier]), identifier)
        kinds = {name.rpartition(".")[2] for name in (same, identifier)}
        if same != identifier and kinds <= {"problem", "fix", "reason"}:
            assert len(texts[0].split()) < 4, (same, identifier)


def beginnings() -> frozenset[str]:
    """How ids begin that the source puts together: ``f"unit.{name}"``, ``entries("unit")``."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                found.add(str(node.values[0].value))
    for _, call in calls():
        first = call.args[0]
        if ast.unparse(call.func) in BY_KIND and isinstance(first, ast.Constant):
            found.add(f"{first.value}.")
    return frozenset(begun for begun in found if begun.endswith((".", "-")))


def test_no_entry_is_without_use():
    patterns, kinds = tuple(composed()), tuple(beginnings())
    used = constants().union(*(ids for _, ids, _ in errors()), *(ids for _, ids in rule_entries()))
    unused = [
        identifier
        for identifier in catalogue("en")
        if identifier not in used
        and not identifier.startswith((*BY_TEXT, *kinds))
        and not any(is_composed(identifier, pattern) for pattern in patterns)
    ]
    assert unused == []


def asked() -> Iterator[tuple[str, str, frozenset[str | None]]]:
    """Each call that asks for an id: its place, the id, and the names of its parameters."""
    for name, function, node in all_calls():
        if function in WITH_HOLES and node.args:
            first = node.args[0]
            ids = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
            for part in ids:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    given = frozenset(k.arg for k in node.keywords)
                    yield f"{name}:{node.lineno}", part.value, given


def errors() -> Iterator[tuple[str, tuple[str, ...], frozenset[str | None]]]:
    """Each call that makes an error of two ids: its place, the ids, and its parameters' names."""
    for name, function, node in all_calls():
        if not function.endswith(tuple(OF_ERRORS)):
            continue
        before = next(n for ending, n in OF_ERRORS.items() if function.endswith(ending))
        both = node.args[before : before + 2]
        if [ast.unparse(arg) for arg in both] == ["problem", "fix"]:
            # a helper hands them on
            continue
        given = frozenset(k.arg for k in node.keywords) - {"rule"}
        endings = (".problem", ".fix")
        for ids in itertools.product(*map(spelled, both, endings)):
            yield f"{name}:{node.lineno}", ids, given


def literals(node: ast.expr | None) -> list[str]:
    """Texts that an expression can be; none of one that is made elsewhere."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and node.value else []


def with_endings(problem: str, fix: str) -> tuple[str, str]:
    """Ids of a problem and a fix; an id with a point is whole."""
    return (
        problem if "." in problem else f"{problem}.problem",
        fix if "." in fix else f"{fix}.fix",
    )


def spelled(given: ast.expr, ending: str) -> list[str]:
    """The ids that an argument may stand for; those that it puts together are in the catalogue."""
    if isinstance(given, ast.IfExp):
        return [*spelled(given.body, ending), *spelled(given.orelse, ending)]
    if isinstance(given, ast.JoinedStr):
        pattern = pattern_of(given, ending)
        found = [identifier for identifier in catalogue("en") if is_composed(identifier, pattern)]
        assert len(found) > 1, ast.unparse(given)
        return found
    # what is made elsewhere is no text here; an id with a point is whole
    return [text if "." in text else f"{text}{ending}" for text in literals(given)]


def test_every_error_of_two_ids_has_its_entries_with_their_holes():
    found = list(errors())
    assert len(found) > 100
    assert [(at, ids) for at, ids, _ in found if not set(ids) <= set(catalogue("en"))] == []
    holes = {ids: frozenset().union(*map(messages.holes, ids)) for _, ids, _ in found}
    assert [(at, ids) for at, ids, given in found if given != holes[ids]] == []


RULE_CALLS = ("about", "at", "rows", "group", "at_lines", "in_file", "refused")


def declared_rules() -> Iterator[tuple[str, ast.Call]]:
    """Each rule for raw data that a module declares or makes."""
    return (
        (module, node) for module, function, node in all_calls() if function in ("Rule", "DataRule")
    )


def rule_entries() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Ids of the messages that each rule can have, as far as they stand where it is made."""
    for module, node in declared_rules():
        named = {"id": None, "severity": None, "problem": None, "fix": None}
        named |= dict(zip(named, node.args, strict=False)) | {k.arg: k.value for k in node.keywords}
        problems, fixes = (
            literals(named[part] if named[part] is not None else named["id"])
            for part in ("problem", "fix")
        )
        ids = (
            *(with_endings(p, "")[0] for p in problems),
            *(with_endings("", f)[1] for f in fixes),
        )
        yield f"{module}:{node.lineno}", ids


def rules_of(module: str) -> dict[str, Rule]:
    """Rules of a module by name."""
    names = vars(importlib.import_module(f"evaluation.{module[:-3].replace('/', '.')}"))
    return {name: rule for name, rule in names.items() if isinstance(rule, Rule)}


def test_every_rule_has_its_messages_and_is_declared_once():
    modules = sorted({name for name, _ in declared_rules()})
    rules = {(m, name): rule for m in modules for name, rule in rules_of(m).items()}
    assert len(rules) > 180
    found = list(rule_entries())
    assert [(at, i) for at, ids in found for i in ids if i not in catalogue("en")] == []
    assert [r for r in rules.values() if f"rule.{r.id}" not in catalogue("en")] == []
    for module in modules:
        words = [(r.id, r.severity, *r.entries) for (m, _), r in rules.items() if m == module]
        assert len(words) == len(set(words)), module


def keys_of(function: ast.AST, name: str) -> frozenset[str] | None:
    """Keys that a mapping of a function can have; None where they do not stand there."""
    found: set[str] = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign | ast.AugAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if ast.unparse(target) == name:
            if not isinstance(node.value, ast.Dict):
                return None
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                inner = frozenset(literals(key)) if key else keys_of(function, ast.unparse(value))
                if not inner:
                    return None
                found |= inner
    return frozenset(found) or None


def parameters_of(call: ast.Call, function: ast.AST) -> frozenset[str] | None:
    """Names of the parameters of a call; None where a mapping holds some that is made elsewhere."""
    given: set[str] = set()
    for keyword in call.keywords:
        names = (
            frozenset({keyword.arg})
            if keyword.arg
            else keys_of(function, ast.unparse(keyword.value))
        )
        if names is None:
            return None
        given |= names
    return frozenset(given)


def test_every_finding_of_a_rule_fills_the_holes_of_its_messages():
    wrong, calls = [], 0
    for module in sorted({name for name, _ in declared_rules()}):
        rules = rules_of(module)
        functions = [n for n in ast.walk(trees()[module]) if isinstance(n, ast.FunctionDef)]
        for function, node in ((f, n) for f in functions for n in ast.walk(f)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            rule = rules.get(ast.unparse(node.func.value))
            if rule is None or node.func.attr not in RULE_CALLS:
                continue
            given = parameters_of(node, function)
            calls += given is not None
            ids = with_endings(*rule.entries)
            if given is not None and given != messages.holes(ids[0]) | messages.holes(ids[1]):
                wrong.append((module, node.lineno, given))
    assert wrong == []
    assert calls > 150


def test_every_call_asks_for_an_entry_with_its_holes():
    assert [(at, i) for at, i, _ in asked() if i not in catalogue("en")] == []
    other = [
        (at, i, given)
        for at, i, given in asked()
        if None not in given and given != messages.holes(i)
    ]
    assert other == []


def words_of_exhibits() -> Iterator[tuple[str, str]]:
    """Ids that ``source.wording`` and ``source.note`` are called with, each with its place."""
    for name, function, node in all_calls():
        if not function.endswith(OF_SOURCE):
            continue
        for arg in node.args[:1] if function.endswith("wording") else node.args:
            for part in (arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,):
                if isinstance(part, ast.Constant) and part.value:
                    yield f"{name}:{node.lineno}", str(part.value)


def test_every_word_of_an_exhibit_has_an_entry():
    found = list(words_of_exhibits())
    assert len(found) > 300
    assert [(at, i) for at, i in found if i not in catalogue("en")] == []


def pairs() -> Iterator[tuple[str, tuple[str, ...], frozenset[str | None]]]:
    """Calls that ask for a problem and a fix by ids: the place, the ids, and the parameters."""
    for name, function, node in all_calls():
        if function not in OF_PAIRS:
            continue
        said = node.args[OF_PAIRS[function] :][:2]
        given = frozenset(k.arg for k in node.keywords)
        if None not in given:
            for pair in itertools.product(*map(literals, said)):
                yield f"{name}:{node.lineno}", with_endings(*pair), given


def test_every_pair_of_a_problem_and_its_mend_has_entries_with_their_holes():
    found = list(pairs())
    assert len(found) > 10
    assert [(at, i) for at, ids, _ in found for i in ids if i not in catalogue("en")] == []
    other = []
    for at, ids, given in found:
        holes = frozenset().union(*map(messages.holes, ids))
        if holes != given:
            other.append((at, ids, given))
    assert other == []


def test_every_kind_that_is_asked_for_has_entries():
    missing = [
        (module, first.value)
        for module, call in calls()
        if ast.unparse(call.func) in BY_KIND
        and isinstance(first := call.args[0], ast.Constant)
        and not entries(first.value)
    ]
    assert missing == []


def words() -> dict[str, tuple[str, str]]:
    """Texts of exhibits and commands in both languages, holes and what is typed taken out."""
    return {
        identifier: tuple(
            NAMED.sub("", HOLE.sub("", catalogue(language)[identifier][-1]))
            for language in LANGUAGES
        )
        for identifier in catalogue("en")
        if not KEPT.fullmatch(identifier)
    }


def test_no_english_stands_in_the_spanish():
    found = words()
    assert len(found) > 1000
    assert {i: es for i, (_, es) in found.items() if FUNCTION_WORDS.search(es)} == {}
    alike = {
        i: en for i, (en, es) in found.items() if en == es and not ALIKE.match(MARK.sub("", en))
    }
    assert alike == {}


def test_numbers_in_the_spanish_have_its_marks():
    """``2,8`` and ``80 %`` with a space that does not break; ``«»`` around quoted words."""
    wrong = re.compile(r"\d%|\d\.\d(?!\d\d)|\d,\d{3}\b|[\u201c\u201d\"]")
    assert {i: es for i, (_, es) in words().items() if wrong.search(es)} == {}


def test_the_files_are_in_order_and_nothing_is_fuzzy_or_lacking():
    for folder in FOLDERS:
        written, lacking = translations.package(folder)
        assert lacking == []
        for path, data in written.items():
            assert path.read_bytes() == data, f"{path}: translations write"


def test_an_entry_of_one_language_or_in_doubt_is_told(tmp_path):
    (tmp_path / "en.po").write_text('msgid "a.b"\nmsgstr "x"\n', encoding="utf-8")
    (tmp_path / "es.po").write_text(
        '#, fuzzy\nmsgid "a.b"\nmsgstr "y"\n\nmsgid "a.a"\nmsgstr "z"\n', encoding="utf-8"
    )
    written, lacking = translations.package(tmp_path)
    assert lacking == [(tmp_path / "en.po", "a.a"), (tmp_path / "es.po", "a.b")]
    text = written[tmp_path / "en.po"].decode()
    assert text.index('msgid "a.a"') < text.index('msgid "a.b"')


def test_words_are_in_the_language_asked_for_with_their_holes_filled():
    assert wording("format.range", "es", low="1", high="2") == "1 a 2"
    assert wording("format.range", "en", low="1", high="2", more="3") == "1 to 2"
    with pytest.raises(KeyError):
        wording("format.range", "en", low="1")
    assert term("unit", "hectares", "es") == "hectares"
    assert term("unit", "points", "es") == "puntos"
    assert by_english("book-part", "es")["Reference"] == "Referencia"
    both = Text.of("ddi.codebook", title=Text(en="a study", es="un estudio"))
    assert both == Text(en="Codebook. a study", es="Libro de códigos. un estudio")


@pytest.mark.parametrize(
    ("identifier", "by_make", "by_command"),
    [
        ("run-make.fix", "run make", "run evaluation all"),
        ("run-make-study.fix", "run make STUDY=norte", "run evaluation all --study norte"),
        (
            "name-new-folder-write.fix",
            "name a new folder, or write make publish DEST=folder REPLACE=yes",
            "name a new folder, or write evaluation publish --dest folder --replace yes",
        ),
        ("no-lock.fix", *["lock the plan: evaluation lock writes a complete one"] * 2),
    ],
)
def test_what_is_to_be_typed_is_a_command_that_is_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    identifier: str,
    by_make: str,
    by_command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVAL_COMMAND", "evaluation")
    assert wording(identifier, "en", study="norte") == by_command
    # a Makefile of one's own builds no studies
    Path("Makefile").touch()
    assert wording(identifier, "en", study="norte") == by_command
    Path("evaluation").mkdir()
    Path("evaluation/__init__.py").touch()
    assert wording(identifier, "en", study="norte") == by_make
    monkeypatch.delenv("EVAL_COMMAND")
    called = by_make.replace("evaluation lock", "python -m evaluation lock")
    assert wording(identifier, "en", study="norte") == called


def test_what_is_to_be_typed_is_the_same_in_both_languages() -> None:
    """But for the placeholders that a reader replaces."""
    english, spanish = (
        {name: [at[1] for at in TYPED.finditer(text[-1])] for name, text in both.items()}
        for both in map(catalogue, LANGUAGES)
    )
    assert [name for name in english if sorted(english[name]) != sorted(spanish[name])] == []
    assert {by for found in english.values() for by in found} == {"make", "evaluation"}


def test_a_missing_id_or_parameter_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        message("no-such-id.problem")
    with pytest.raises(KeyError):
        message("no-column.problem")
    with pytest.raises(KeyError):
        message("no-column.problem", identifier="x", other="y")


def test_text_is_made_for_each_reader():
    why = message("too-few-treated.problem", n=2, least=3)
    whole = message("not-available.note", reason=why)
    assert str(whole) == f"{whole}" == "not available: 2 treated clusters; at least 3 are needed"
    assert whole.text("es").startswith("no disponible: conglomerados de intervención: 2;")
    assert {whole, message("not-available.note", reason=why)} == {whole}


def test_one_and_several_have_words_of_their_own():
    one, two = (message("set-aside.problem", n=Count(n, "interviews")) for n in (1, 2_000))
    assert str(one) == "a submission rejected by the office was set aside"
    assert str(two) == "2,000 submissions rejected by the office were set aside"
    assert one.text("es") == "se apartó un envío que la oficina rechazó"


def test_numbers_of_results_get_the_marks_of_the_language():
    found = message(
        "margin-population.problem", cell="a", margin="b", people=ResultNumber("1,234.5")
    )
    assert "1,234.5" in str(found)
    assert "1.234,5" in found.text("es")
    assert message("not-whole.problem", name="x", value=0.5).text("es") == "x es 0,5"


def test_lists_are_joined_as_each_language_does():
    names = several(("women", "others"), "and")
    assert names.text("es") == "women y others"
    assert several(("a", "income"), "and").text("es") == "a e income"
    assert several(("a", "b", "c"), "and").text("en") == "a, b and c"
    assert several(("a", "b")).text("en") == "a; b"
    assert several(("a", "b"), "lines").text("es") == "\n    - a\n    - b"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        Plain("3"),
        ResultNumber("3.5"),
        Count(4, "clusters"),
        several((message("word.round"), "b"), ", "),
    ],
)
def test_messages_come_back_from_json(value):
    whole = message("not-available.note", reason=value)
    assert from_data(json.loads(json.dumps(as_data(whole)))) == whole


def test_json_of_no_message_is_refused():
    with pytest.raises(KeyError):
        from_data({"id": "no-such-id.problem"})
    with pytest.raises(KeyError):
        from_data({"id": "no-column.problem", "with": {}})


def test_words_of_others_are_known_by_their_whole_text():
    assert outside_in("Permission denied", "es") == "sin permiso"
    expected = outside("',' expected after '\"'")
    assert isinstance(expected, Message)
    assert expected.text("es") == "se esperaba ',' después de '\"'"
    assert outside_in("se repitió por solicitud", "es") == "se repitió por solicitud"
