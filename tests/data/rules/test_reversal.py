"""A turned scale is found by its tie to other items and its mean; true changes are let pass."""

import dataclasses
import functools

import numpy as np
import pytest

from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary import Code, CodeList
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import read_manifest
from evaluation.config.plan import Item, Outcome
from evaluation.config.preregistration import read_promise
from evaluation.config.study import read_study
from evaluation.data.cleaning.parse import parse
from evaluation.data.readers.read import drop_ignored, read_file
from evaluation.data.rules.reversed_scales import JUDGED, reversed_scales
from evaluation.data.rules.scales import declared_scales
from tests.conftest import shared_data
from tests.data import field
from tests.estimation import studies
from tests.fixtures.demonstration import RAW, demonstration

NAMES = ("a", "b", "c")
N = 600


def outcome(names=NAMES) -> Outcome:
    return studies.outcome("o", function="mean", items=tuple(Item(name=name) for name in names))


def words(names=NAMES):
    lists = [field.scale("four", (1, 2, 3, 4))]
    return field.dictionary([field.question(n, "ordinal", "four") for n in names], lists)


def answers(seed: int, *, n: int = N, lift: float = 0.6, names=NAMES) -> dict[str, np.ndarray]:
    """Codes 1 to 4 of items that share a factor: correlation about 0.5, mean above the midpoint."""
    generator = np.random.default_rng(seed)
    factor = generator.normal(size=n)
    return {
        name: np.clip(np.round(2.5 + lift + factor * 0.8 + generator.normal(size=n) * 0.7), 1, 4)
        for name in names
    }


def rounds(before, after, names=NAMES):
    texts = [{k: [f"{v:g}" for v in values] for k, values in r.items()} for r in (before, after)]
    return [
        field.read(t, words(names), source=source)
        for t, source in zip(texts, field.ROUNDS, strict=True)
    ]


def found(before, after, names=NAMES):
    findings = reversed_scales(rounds(before, after, names), [outcome(names)], words(names))
    return [(f.severity, f.rule, f.round, f.column) for f in findings]


def test_nothing_is_said_of_scales_that_stayed():
    assert found(answers(1), answers(2)) == []


def test_a_turned_item_is_an_error_and_the_others_are_not_blamed():
    after = answers(2)
    after["b"] = 5 - after["b"]
    assert found(answers(1), after) == [("error", "reversed-scale", "endline", "b")]


def test_a_turned_item_with_its_mean_at_the_midpoint_is_a_warning():
    after = answers(2, lift=0)
    after["b"] = 5 - after["b"]
    assert found(answers(1, lift=0), after) == [("warn", "reversed-scale", "endline", "b")]


def test_a_true_fall_of_all_means_across_the_midpoint_is_no_error():
    # from 0.6 above to 0.6 below: larger than any effect, and all ties stay: said, not stopped
    assert {f[0] for f in found(answers(1, lift=0.6), answers(2, lift=-0.6))} == {"warn"}
    # from 0.15 above to 0.15 below the midpoint, 0.3 of 1.0 standard deviations: a large effect
    assert found(answers(1, lift=0.15), answers(2, lift=-0.15)) == []


def test_an_item_that_lost_its_tie_is_not_turned():
    after = answers(2)
    after["b"] = np.random.default_rng(3).permutation(after["b"])
    assert found(answers(1), after) == []


def test_a_tie_that_turns_weakly_negative_is_not_turned():
    """Ties go from about 0.7 to about -0.2: far beyond chance at 4,000, and no mirror image."""
    before, after = answers(1, n=4000), answers(2, n=4000)
    noise = np.random.default_rng(4).normal(size=4000) * 2.0
    after["b"] = np.clip(np.round(3.1 - 0.4 * (after["a"] - 3.1) + noise), 1, 4)
    assert found(before, after) == []


def test_of_two_items_the_one_whose_mean_turned_is_named():
    names = ("a", "b")
    before, after = answers(1, names=names), answers(2, names=names)
    after["b"] = 5 - after["b"]
    assert found(before, after, names) == [("error", "reversed-scale", "endline", "b")]


def test_few_answers_are_not_judged():
    before, after = answers(1, n=JUDGED - 1), answers(2, n=JUDGED - 1)
    after["b"] = 5 - after["b"]
    assert found(before, after) == []


@functools.cache
def demonstration_tables():
    files = [f for f in demonstration().manifest.file if f.round]
    return tuple(drop_ignored(read_file(file, RAW / file.path)) for file in files)


def demonstration_rounds(dictionary):
    return [parse(table, dictionary) for table in demonstration_tables()]


def test_the_demonstration_is_silent_as_declared_and_caught_with_one_list():
    """The planted flaw: T1 has its codes turned at endline, and one code list for each round."""
    study = demonstration()
    dictionary, outcomes = study.dictionary, study.plan.outcome
    as_declared = demonstration_rounds(dictionary)
    assert reversed_scales(as_declared, outcomes, dictionary) == ()
    assert declared_scales(as_declared, dictionary) == ()
    turned = dataclasses.replace(
        dictionary.variables["t1_trustworthy"], codes="trustworthy_baseline"
    )
    undeclared = dataclasses.replace(
        dictionary, variables=dictionary.variables | {"t1_trustworthy": turned}
    )
    (finding,) = reversed_scales(demonstration_rounds(undeclared), outcomes, undeclared)
    assert (finding.severity, finding.round, finding.column) == ("error", "endline", "t1")


@pytest.mark.parametrize("name", ["v1_any_crime", "p1_trust_police", "c1_heard_plan"])
def test_any_item_of_the_demonstration_is_caught(name):
    """A yes/no screener, a 1-7 scale and a yes/no item, each turned by its values at endline."""
    study = demonstration()
    dictionary = study.dictionary
    codes = dictionary.code_list(name, "endline")
    values = [c.value for c in codes.values]
    mirrored = tuple(
        dataclasses.replace(c, value=min(values) + max(values) - c.value) for c in codes.values
    )
    baseline = dictionary.code_list(name, "baseline").id
    variable = dataclasses.replace(
        dictionary.variables[name], codes={"baseline": baseline, "endline": "turned"}
    )
    undeclared = dataclasses.replace(
        dictionary,
        variables=dictionary.variables | {name: variable},
        codes=dictionary.codes | {"turned": CodeList(id="turned", values=mirrored)},
    )
    findings = reversed_scales(demonstration_rounds(undeclared), study.plan.outcome, undeclared)
    assert [(f.rule, f.column) for f in findings] == [("reversed-scale", variable.raw["endline"])]


def test_medellin_is_silent(medellin):
    rounds_, dictionary, outcomes = medellin
    assert reversed_scales(rounds_, outcomes, dictionary) == ()
    assert declared_scales(rounds_, dictionary) == ()


@pytest.fixture
def medellin():
    config = RAW.parents[1] / "config" / "medellin"
    folder = shared_data("metaketa4_colombia/col_baseline_survey.csv").parent
    study = read_study(config)
    dictionary = read_dictionary(config, (*study.rounds, *FILE_SOURCES))
    files = [f for f in read_manifest(config, study).file if f.round]
    parsed = [parse(drop_ignored(read_file(f, folder / f.path)), dictionary) for f in files]
    return parsed, dictionary, read_promise(config, study, dictionary).plan.outcome


def test_a_form_that_counts_from_one_what_the_dictionary_counts_from_zero():
    lists = [field.scale("five", (0, 1, 2, 3, 4), first=0)]
    words_ = field.dictionary([field.question("a", "ordinal", "five")], lists)
    before = field.read({"a": [str(i % 5) for i in range(300)]}, words_, source="baseline")
    # four answers from 1 on: nobody says 0, where a fifth of 300 would
    after = field.read({"a": [str(1 + i % 4) for i in range(300)]}, words_, source="endline")
    (finding,) = declared_scales([before, after], words_)
    assert (finding.rule, finding.round, finding.column) == ("end-code-unused", "endline", "a")
    # nine expected: too few to say
    few = field.read({"a": [str(1 + i % 4) for i in range(45)]}, words_, source="endline")
    assert declared_scales([before, few], words_) == ()


def test_rounds_with_other_ends_of_the_scale():
    lists = [field.scale("low", (0, 1, 2, 3)), field.scale("high", (1, 2, 3, 4))]
    codes = {"baseline": "high", "endline": "low"}
    words_ = field.dictionary([field.question("a", "ordinal", codes)], lists)
    parsed = [field.read({"a": ["1", "2", "3", "4"]}, words_, source=s) for s in field.ROUNDS]
    (finding,) = declared_scales(parsed, words_)
    assert (finding.rule, finding.round) == ("scale-differs", "endline")
    assert "from 0 to 3, in round `baseline` from 1 to 4" in str(finding.problem)


@pytest.mark.parametrize(("yes", "rules"), [(1.0, []), (0.0, ["yes-coded-as-no"] * 2)])
def test_yes_has_the_larger_value(yes, rules):
    codes = CodeList(
        id="yn",
        values=(
            Code(code="1", value=yes, en="Yes", es="Sí"),
            Code(code="2", value=1 - yes, en="No", es="No"),
        ),
    )
    words_ = field.dictionary([field.question("a", "binary", "yn")], [codes])
    parsed = [field.read({"a": ["1", "2"]}, words_, source=s) for s in field.ROUNDS]
    assert [f.rule for f in declared_scales(parsed, words_)] == rules
