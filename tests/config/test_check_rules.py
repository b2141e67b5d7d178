"""What a plan may say about its checks."""

import dataclasses

import pytest

from evaluation.config.check_kinds import KINDS, doubt_of
from evaluation.config.configuration import read_configuration
from evaluation.config.plan import Check
from evaluation.config.study import Columns
from evaluation.errors import SpecError

ONE_VARIABLE = (
    "exposure",
    "leave_exposed",
    "leave_one_out",
    "spillover",
    "strata_round",
    "subgroup",
    "two_round_sensitivity",
)
SPECIFICATION = "\n[[specification]]"
# What a kind needs beside variables.
MORE = {
    "leave_exposed": "share = 0.1\n",
    "subgroup": (
        'known = "before the programme"\n'
        'groups = [{ id = "a", label = { en = "A", es = "A" }, low = 1 }]\n'
    ),
}


def written(kind, variables):
    names = ", ".join(f'"{name}"' for name in variables)
    return (
        "\n[[check]]\n"
        'id = "looked"\n'
        f'kind = "{kind}"\n'
        'theme = "model"\n'
        'label = { en = "Looked", es = "Visto" }\n'
        'answers = { en = "It.", es = "Eso." }\n'
        f"variables = [{names}]\n{MORE.get(kind, '')}"
    )


@pytest.mark.parametrize("kind", ONE_VARIABLE)
def test_kinds_that_read_one_variable_are_given_one(spoil, kind):
    """A second variable would be ignored, or its figures stand where the first's stood."""
    folder = spoil("plan.toml", SPECIFICATION, written(kind, ["times"]) + SPECIFICATION)
    assert [c.variables for c in read_configuration(folder).preregistration.plan.check] == [
        ("times",)
    ]
    two = written(kind, ["times", "trust"])
    folder = spoil("plan.toml", written(kind, ["times"]), two)
    with pytest.raises(SpecError, match=f"names 2 variables; kind '{kind}' reads one"):
        read_configuration(folder)


@pytest.mark.parametrize("silent", ["0.1", "0.4, 0.1", "0.1, 1.2"])
def test_shares_of_silent_people_are_two_from_zero_to_one(spoil, silent):
    asked = written("nonresponse", []).replace("variables = []\n", "")
    given = f"{asked}silent_range = [0.1, 0.4]\n"
    folder = spoil("plan.toml", SPECIFICATION, given + SPECIFICATION)
    (check,) = read_configuration(folder).preregistration.plan.check
    assert check.silent_range == (0.1, 0.4)
    folder = spoil("plan.toml", "silent_range = [0.1, 0.4]", f"silent_range = [{silent}]")
    with pytest.raises(SpecError, match=r"looked\.silent_range` is not two shares"):
        read_configuration(folder)


def test_controls_may_be_several(spoil):
    folder = spoil(
        "plan.toml", SPECIFICATION, written("controls", ["times", "trust"]) + SPECIFICATION
    )
    (check,) = read_configuration(folder).preregistration.plan.check
    assert check.variables == ("times", "trust")


def test_a_kind_that_is_not_declared_is_refused_with_the_nearest(spoil):
    folder = spoil("plan.toml", SPECIFICATION, written("control", ["times"]) + SPECIFICATION)
    with pytest.raises(SpecError, match="names kind `control`, which is not declared") as raised:
        read_configuration(folder)
    assert "did you mean `controls`?" in str(raised.value)


def test_a_key_that_the_kind_does_not_read_is_refused(spoil):
    folder = spoil(
        "plan.toml",
        SPECIFICATION,
        written("controls", ["times"]) + "share = 0.1\n" + SPECIFICATION,
    )
    with pytest.raises(SpecError, match="share` is not read by kind 'controls'"):
        read_configuration(folder)


def test_without_a_theme_a_check_stands_under_its_kinds(spoil):
    other, own = (
        written("controls", ["times"]),
        written("controls", ["times"]).replace('theme = "model"\n', ""),
    )
    for text, doubt in ((other, "model"), (own, "measurement")):
        folder = spoil("plan.toml", SPECIFICATION, text + SPECIFICATION)
        (check,) = read_configuration(folder).preregistration.plan.check
        assert doubt_of(check) == doubt
        spoil("plan.toml", text + SPECIFICATION, SPECIFICATION)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_names_keys_that_there_are(kind):
    """A key that no check has would never be missed, a column that no study has never be moved."""
    declared = KINDS[kind]
    keys = {field.name for field in dataclasses.fields(Check)} | {"variable"}
    assert {*declared.needs, *declared.takes} <= keys
    assert {*declared.columns} <= {field.name for field in dataclasses.fields(Columns)}
    # what stands beside the effect, and the range of it, are of kinds whose rows are compared
    assert declared.is_compared or not declared.beside
