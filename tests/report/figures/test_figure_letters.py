"""Labels with peso signs, and with what looks like formulas, are drawn letter by letter."""

import dataclasses
import html
import re
from typing import Any

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.toml_reader import Text
from evaluation.report import builders
from evaluation.report.figures import card
from evaluation.report.figures.frame import draws
from tests.analysis.panels import worlds
from tests.report import examples
from tests.report.figures import pictures
from tests.report.test_exhibits_in_spanish import CASES

# two signs of one line are what matplotlib would take for a formula; a sign alone; and broken ones,
# each with an even number of signs, so that every line that words are broken into has one
LABELS = ("Entre $50.000 y $99.000", "<script>a$b</script>", r"$\input{x}$ $^{$ $$")
# these draw words of the house and numbers alone
# the seats of municipalities of a panel are named as its public list names them
PANEL = read_configuration(worlds.CONFIG).study.panel
WITHOUT_LABELS = {"pipeline_map", "methods_plot", "places_map", "described_plot"}


def called(found: Any, label: str) -> Any:
    """The same with one label in place of every text of the study."""
    if isinstance(found, Text):
        return Text(en=label, es=label)
    if isinstance(found, tuple):
        return tuple(called(part, label) for part in found)
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        fields = [f.name for f in dataclasses.fields(found) if f.init]
        return dataclasses.replace(found, **{n: called(getattr(found, n), label) for n in fields})
    return found


def labelled(source: Any, label: str) -> Any:
    configuration = source.configuration
    made = dataclasses.replace(
        configuration,
        study=called(configuration.study, label),
        preregistration=called(configuration.preregistration, label),
    )
    return dataclasses.replace(source, configuration=made)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("builder", draws)
def test_every_figure_draws_a_label_as_it_is_written(builder, label):
    _, changes, source = CASES.get(builder, (builder, {}, examples.source))
    exhibit = examples.exhibit(builder, **changes)
    given = source()
    if builder == "places_map":
        records = dataclasses.replace(given.records, frame=())
        given = dataclasses.replace(given, records=records)
    if builder == "estimators_plot":
        # it says what is counted, as a panel's outcome is called
        study = dataclasses.replace(given.configuration.study, panel=PANEL)
        configuration = dataclasses.replace(given.configuration, study=study)
        given = dataclasses.replace(given, configuration=configuration)
    with pictures.only("svg"):
        svg = builders.draw(exhibit, labelled(given, label)).svg.decode()
    assert "<script" not in svg
    words = html.unescape(re.sub(r"<[^>]*>", " ", svg)).split()
    # long labels are broken between words only
    missing = [word for word in label.split() if not any(word in drawn for drawn in words)]
    assert builder in WITHOUT_LABELS or not missing


@pytest.mark.parametrize("label", LABELS)
def test_a_card_can_be_drawn_with_any_label(label):
    registry = ExhibitRegistry(exhibit=(examples.exhibit("levels"), examples.exhibit("effects")))
    configuration = dataclasses.replace(examples.CONFIGURATION, registry=registry)
    assert card.cards(labelled(examples.source(configuration), label))
