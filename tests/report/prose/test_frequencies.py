"""Natural frequencies: counts of 100 people by hand, and when there is no such sentence."""

import dataclasses

import pytest

from evaluation.config.dictionary import AskedIf
from evaluation.config.toml_reader import Text
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import WHOLE
from evaluation.report.prose.sentences import in_natural_frequencies, in_plain_words
from tests.messages import said
from tests.report import examples

TRUST, CRIME, THREATS = examples.OUTCOMES
ADULTS = Text(en="adults", es="personas adultas")


def study(**changes):
    """The small study, whose surveys stand for adults."""
    registry = dataclasses.replace(examples.CONFIGURATION.registry, people=ADULTS)
    configuration = dataclasses.replace(examples.CONFIGURATION, registry=registry)
    return examples.source(configuration, **changes)


def effect(low, high, outcome=CRIME):
    changes = {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high}
    return examples.estimate(outcome, examples.SPECIFICATION, "wcr_s", **changes)


def recorded(source, made):
    """The study with this estimate among its records, and the narrower intervals beside it."""
    others = (e for e in source.records.estimates if e.outcome != made.outcome)
    records = dataclasses.replace(source.records, estimates=(made, *others), diagnostics=())
    return dataclasses.replace(source, records=examples.with_intervals(records))


def sentence(low, high, *, source=None, outcome=CRIME):
    made = effect(low, high, outcome)
    return in_natural_frequencies(recorded(source or study(), made), outcome, made)


def plain(low, high, *, source=None):
    made = effect(low, high)
    return in_plain_words(recorded(source or study(), made), CRIME, made)


def test_an_interval_around_zero_is_between_fewer_and_more():
    # level of the treatment group at endline: 18.4 + 0.1 * 18.4 = 20.24 of 100
    assert sentence(-7.6, 2.4) == (
        "“Victim of crime”: of every 100 adults in the treatment group, about 20 at "
        "endline. Of every 100 adults, between 8 fewer and 2 more with the programme "
        "than without it (95% CI; very uncertain), assuming parallel trends."
    )


def test_in_spanish():
    source = dataclasses.replace(study(), language="es")
    assert "de cada 100 personas adultas del grupo de intervención, cerca de 20" in sentence(
        -7.6, 2.4, source=source
    )
    assert (
        "De cada 100 personas adultas, entre 8 menos y 2 más con el programa que sin él "
        "(IC del 95\xa0%; muy incierto), suponiendo tendencias paralelas."
        in sentence(-7.6, 2.4, source=source)
    )


def test_an_interval_on_one_side_of_zero_goes_from_the_near_end_to_the_far_one():
    assert "between 2 and 8 fewer with the programme" in sentence(-7.6, -2.4)
    assert "between 2 and 8 more with the programme" in sentence(2.4, 7.6)


def test_an_end_that_would_round_to_nobody_is_counted_among_a_thousand():
    # 0.2 points are 2 of 1,000; "0 of 100" would hide that zero is excluded
    assert "Of every 1,000 adults, between 2 and 129 more" in sentence(0.2, 12.9)
    assert "about 202 at endline" in sentence(0.2, 12.9)
    assert "Of every 100 adults, between 0 fewer and 13 more" in sentence(-0.2, 12.9)


def test_only_shares_of_everybody_become_people():
    assert sentence(-0.1, 0.2, outcome=TRUST) == ""
    asked = dataclasses.replace(
        examples.DICTIONARY.modules[0].variable[0],
        asked_if=AskedIf(variable="robbed", values=(1.0,)),
    )
    source = study()
    dictionary = dataclasses.replace(source.configuration.dictionary)
    dictionary.variables.update({"q2": asked})
    configuration = dataclasses.replace(source.configuration, dictionary=dictionary)
    assert (
        sentence(-7.6, 2.4, source=dataclasses.replace(source, configuration=configuration)) == ""
    )
    consented = dataclasses.replace(asked, asked_if=AskedIf(variable="consent", values=(1.0,)))
    dictionary.variables.update({"q2": consented})
    assert sentence(-7.6, 2.4, source=dataclasses.replace(source, configuration=configuration))


def test_without_an_estimate_or_a_bound_there_is_no_sentence():
    absent = Unavailable(
        study="small", outcome="crime", specification="did_main", estimand="equal",
        sample=WHOLE, step="wcr_s", reason=said("no variation"),
    )  # fmt: skip
    assert in_natural_frequencies(study(), CRIME, absent) == ""
    assert sentence(float("-inf"), 2.4) == ""


@pytest.mark.parametrize("changes", [{"n": 9}, {"n_clusters": 2}])
def test_a_withheld_level_is_left_out_and_the_effect_stays(changes):
    levels = tuple(
        dataclasses.replace(x, **changes) if (x.arm, x.round) == ("treated", "endline") else x
        for x in examples.records().levels
    )
    assert sentence(-7.6, 2.4, source=study(levels=levels)) == (
        "“Victim of crime”: of every 100 adults, between 8 fewer and 2 more with the "
        "programme than without it (95% CI; very uncertain), assuming parallel trends."
    )
    assert plain(-7.6, 2.4, source=study(levels=levels)) == ""


def test_an_estimate_that_is_no_difference_of_changes_has_no_such_condition():
    # ANCOVA compares endlines given the baseline: it does not ask for parallel trends
    source = study()
    ancova = dataclasses.replace(examples.SPECIFICATION, method="ancova")
    plan = dataclasses.replace(
        source.plan,
        specification=tuple(ancova if s.id == ancova.id else s for s in source.plan.specification),
    )
    preregistration = dataclasses.replace(source.configuration.preregistration, plan=plan)
    configuration = dataclasses.replace(source.configuration, preregistration=preregistration)
    said = sentence(-7.6, 2.4, source=dataclasses.replace(source, configuration=configuration))
    assert said.endswith("than without it (95% CI; very uncertain).")


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [
        # with the programme 8 fewer to 2 more: without it 2 fewer to 8 more
        (-7.6, 2.4, "it might have been the same number, up to 2 fewer or up to 8 more."),
        (2.4, 7.6, "it may have been between 2 and 8 fewer. We are not sure."),
        (-7.6, -2.4, "it may have been between 2 and 8 more. We are not sure."),
    ],
)
def test_words_for_a_meeting_have_no_term_and_turn_the_effect_round(low, high, ending):
    said = plain(low, high)
    # level as above: 20.24 of 100
    assert said.startswith("Of every 100 adults where the programme worked, about 20 when we")
    assert said.endswith(f"Without the programme {ending}")
    assert not {"interval", "endline", "treatment"} & set(said.replace(".", "").split())
