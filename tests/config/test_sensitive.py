"""Which items and outcomes tell a sensitive answer: small dictionaries written down here."""

from evaluation.config.confidentiality import sensitive_variables, with_sensitive_outcomes
from evaluation.config.configuration import read_configuration
from evaluation.config.dictionary import AskedIf, Variable
from evaluation.config.plan import Item, Outcome, Plan
from evaluation.config.toml_reader import Text
from tests.report.examples import CONFIGURATION

TEXT = Text(en="x", es="x")


def variable(name: str, personal: str, *, asked_by: str = "") -> Variable:
    rule = AskedIf(variable=asked_by, values=(1,)) if asked_by else None
    return Variable(
        name=name, type="binary", label=TEXT, raw={}, personal=personal, source="x", asked_if=rule
    )


def known(*variables: Variable) -> dict[str, Variable]:
    return {v.name: v for v in variables}


def outcome(name: str, *items: str) -> Outcome:
    return Outcome(
        id=name, family="f", label=TEXT, function="mean", unit="points", desired="up",
        items=tuple(Item(name=i) for i in items), minimum_items=1,
    )  # fmt: skip


def plan(*outcomes: Outcome) -> Plan:
    made = CONFIGURATION.preregistration.plan
    return type(made)(**{f: getattr(made, f) for f in made.__slots__} | {"outcome": outcomes})


THREATS = known(
    variable("threatened", "sensitive"),
    variable("how_often", "none", asked_by="threatened"),
    variable("by_whom", "none", asked_by="how_often"),
    variable("consent", "none"),
    variable("trust", "none", asked_by="consent"),
)


def test_an_item_is_as_sensitive_as_the_answer_that_leads_to_it():
    assert sensitive_variables(THREATS) == {"threatened", "how_often", "by_whom"}
    assert sensitive_variables(known(variable("a", "direct"), variable("b", "none", asked_by="a")))\
        == set()  # fmt: skip


def test_items_that_ask_for_each_other_come_to_an_end():
    ring = known(variable("a", "none", asked_by="b"), variable("b", "none", asked_by="a"))
    assert sensitive_variables(ring) == set()


def test_outcomes_of_such_items_are_sensitive_and_no_others():
    declared = plan(
        outcome("often", "how_often", "trust"),
        outcome("any", "often", "trust"),
        outcome("trusting", "trust"),
        outcome("threats", "threatened"),
    )
    found = with_sensitive_outcomes(declared, THREATS)
    # of an item that is sensitive itself the plan says whether its outcome is
    assert {o.id: o.sensitive for o in found.outcome} == {
        "often": True, "any": True, "trusting": False, "threats": False,
    }  # fmt: skip
    assert not any(o.sensitive for o in declared.outcome)
    without = known(variable("threatened", "sensitive"), variable("trust", "none"))
    assert with_sensitive_outcomes(declared, without) is declared


THREAT = """
[[variable]]
name = "threatened"
type = "binary"
label = { en = "Threatened", es = "Amenaza" }
raw = { baseline = "x1", endline = "X1" }
codes = "yes_no"
personal = "sensitive"
source = "made here"

[[variable]]
name = "trust"
asked_if = { variable = "threatened", values = [1] }"""


def test_the_plan_that_is_read_says_so_and_its_lock_holds(folder, spoil):
    assert [o.sensitive for o in read_configuration(folder).preregistration.plan.outcome] == [
        False
    ] * 2
    # `spoil` locks the plan as it is written: what follows from the dictionary is not in the lock
    spoil("dictionary/tiny.toml", '\n[[variable]]\nname = "trust"', THREAT)
    preregistration = read_configuration(folder).preregistration
    assert [o.sensitive for o in preregistration.plan.outcome] == [True, False]
    assert preregistration.changed == frozenset()
