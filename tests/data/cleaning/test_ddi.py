"""The DDI Codebook: names, nesting, order and attributes of its elements, and what they say.

The schema itself is not here. ``CONTENT`` holds, for each element that is written, the elements it
may have inside, in order, with ``?`` for at most one, ``*`` for any number and ``+`` for at least
one, as the field-level documentation of DDI Codebook 2.5 (DDI Alliance, 17 January 2012) gives
them. So this is a check of elements and their order and not a validation.
"""

import copy
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from evaluation.config.study import read_study
from evaluation.data.cleaning import ddi
from evaluation.data.cleaning.ddi import NAMESPACE
from tests.conftest import absent
from tests.data.cleaning.test_clean_files import WORD, richer
from tests.fixtures import demonstration
from tests.tables import cases

CASES = cases(__file__)

XML = "{http://www.w3.org/XML/1998/namespace}"
CONTENT = CASES["content"]
# every element may have these; what some have besides
COMMON = {"ID", f"{XML}lang"}
ATTRIBUTES = CASES["attributes"]
# closed lists of the documentation
VALUES = {
    ("timePrd", "event"): {"start", "end", "single"},
    ("collDate", "event"): {"start", "end", "single"},
    ("var", "wgt"): {"wgt", "not-wgt"},
    ("var", "intrvl"): {"contin", "discrete"},
    ("var", "nature"): {"nominal", "ordinal", "interval", "ratio", "percent", "other"},
    ("var", "temporal"): {"Y", "N"},
    ("var", "geog"): {"Y", "N"},
    ("range", "UNITS"): {"INT", "REAL"},
    ("catgry", "missing"): {"Y", "N"},
    ("varFormat", "type"): {"numeric", "character"},
    ("varFormat", "category"): {"date", "time", "currency", "other"},
}
NCNAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def faults(root: ET.Element) -> list[str]:
    """What of a codebook is not as the documentation says."""
    found = []
    for element in root.iter():
        tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        inside = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]
        if tag not in CONTENT and inside:
            found.append(f"{tag} has {inside[0]} inside")
        if tag in CONTENT and not _in_order(CONTENT[tag], inside):
            found.append(f"{tag} has {inside}")
        if (element.text or "").strip() and tag in CONTENT and tag != "qstn":
            found.append(f"{tag} has text")
        allowed = COMMON | set(ATTRIBUTES.get(tag, "").split())
        found += [
            f"{tag} has the attribute {name}" for name in sorted(set(element.keys()) - allowed)
        ]
        found += [
            f"{name} of {tag} is {value}"
            for name, value in element.items()
            if value not in VALUES.get((tag, name), {value})
        ]
    return found + _references(root)


def _in_order(content: str, inside: list[str]) -> bool:
    pattern = "".join(
        f"(?:{part.rstrip('?*+')},){part[-1] if part[-1] in '?*+' else ''}"
        for part in content.split()
    )
    return re.fullmatch(pattern, "".join(f"{tag}," for tag in inside)) is not None


def _references(root: ET.Element) -> list[str]:
    ids = Counter(e.get("ID") for e in root.iter() if e.get("ID"))
    found = [f"ID {name} stands {n} times" for name, n in ids.items() if n > 1]
    found += [f"ID {name} is no name" for name in ids if not NCNAME.fullmatch(name)]
    for element in root.iter():
        for attribute in ("files", "var"):
            found += [
                f"{attribute} {name} is nowhere"
                for name in (element.get(attribute) or "").split()
                if name not in ids
            ]
    return found


def parsed(folder: Path) -> ET.Element:
    return ET.fromstring((folder / "ddi.xml").read_bytes())  # noqa: S314 (our own file)


def texts(root: ET.Element, path: str) -> list[str]:
    return [element.text or "" for element in root.findall(_named(path))]


def _named(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))


def variable(root: ET.Element, name: str) -> ET.Element:
    (found,) = [v for v in root.iter(_named("var")) if v.get("name") == name]
    return found


def test_elements_and_order_of_the_tiny_study(tiny):
    root = parsed(richer(tiny).clean)
    assert root.tag == f"{{{NAMESPACE}}}codeBook"
    assert root.get("version") == "2.5"
    assert faults(root) == []


@pytest.mark.built
@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_elements_and_order_of_what_is_built_here(study):
    folder = demonstration.ROOT / "data_clean" / study
    if not (folder / "ddi.xml").exists():
        absent(f"{study} is not built here")
    assert faults(parsed(folder)) == []


def test_the_check_sees_what_is_wrong(tiny):
    root = parsed(richer(tiny).clean)

    def broken(path: str, change) -> list[str]:
        other = copy.deepcopy(root)
        change(other.find(_named(path)))
        return faults(other)

    first = "dataDscr/var"
    assert broken(first, lambda e: e.append(e[0]))[0].startswith("var has")
    assert broken("stdyDscr/citation", lambda e: e.remove(e[0]))[0].startswith("citation has")
    assert broken(first, lambda e: ET.SubElement(e, "label"))[0].startswith("var has")
    assert broken(first, lambda e: e.set("nature", "scale")) == ["nature of var is scale"]
    assert broken(first, lambda e: e.set("label", "x")) == ["var has the attribute label"]
    assert broken(first, lambda e: e.set("files", "F_none")) == ["files F_none is nowhere"]
    assert broken(first, lambda e: e.set("ID", "V_arm")) == ["ID V_arm stands 2 times"]
    assert broken(first, lambda e: e.set("ID", "2 arms")) == ["ID 2 arms is no name"]


def test_what_the_codebook_says_of_the_study(demonstration_folder):
    root = parsed(demonstration_folder)
    titles = "stdyDscr/citation/titlStmt"
    assert texts(root, f"{titles}/titl") == [
        "SYNTHETIC: Impact evaluation of Resilient Communities (Somos Comunidad)"
    ]
    assert texts(root, f"{titles}/parTitl") == [
        "SYNTHETIC: Evaluación de impacto de Somos Comunidad"
    ]
    summary = "stdyDscr/stdyInfo/sumDscr"
    dates = [
        (d.get("cycle"), d.get("event"), d.get("date"))
        for d in root.findall(_named(f"{summary}/collDate"))
    ]
    assert dates == [
        ("baseline", "start", "2021-02-15"),
        ("baseline", "end", "2021-05-28"),
        ("endline", "start", "2024-10-07"),
        ("endline", "end", "2025-02-14"),
    ]
    assert texts(root, f"{summary}/nation") == ["Colombia", "Colombia"]
    # the seven departments of the frame, and nothing smaller
    assert texts(root, f"{summary}/geogCover") == [
        "Antioquia", "Bolívar", "Cauca", "Córdoba", "Nariño", "Norte de Santander", "Sucre",
    ]  # fmt: skip
    places = demonstration.demonstration().frame["municipality"].astype(str)
    whole = (demonstration_folder / "ddi.xml").read_text(encoding="utf-8")
    assert len(places) == 70
    assert [place for place in places if re.search(rf"\b{re.escape(place)}\b", whole)] == []
    assert len(texts(root, "stdyDscr/method/dataColl/sampProc")) == 2
    assert len(texts(root, "stdyDscr/method/dataColl/weight")) == 2
    assert texts(root, "fileDscr/fileTxt/fileName") == ["panel.csv", "series.csv"]
    assert texts(root, "fileDscr/fileTxt/dimensns/caseQnty") == [
        str(2 * demonstration.interviews()),
        "2240",
    ]
    # no counts of answers
    assert not list(root.iter(_named("catStat")))
    assert not list(root.iter(_named("sumStat")))


def test_questions_stand_in_both_languages(demonstration_folder):
    asked = variable(parsed(demonstration_folder), "consent")
    found = [
        (e.get(f"{XML}lang"), e.findtext(_named("qstnLit"))) for e in asked.iter(_named("qstn"))
    ]
    assert found == [
        ("en", "Do you agree to take part in this interview?"),
        ("es", "¿Acepta participar en esta entrevista?"),
    ]


def test_what_the_codebook_says_of_variables(tiny):
    root = parsed(richer(tiny).clean)
    trust = variable(root, "trust")
    assert trust.get("nature") == "ordinal"
    categories = [
        (c.findtext(_named("catValu")), c.get("missing"), [e.text for e in c.iter(_named("labl"))])
        for c in trust.iter(_named("catgry"))
    ]
    assert categories == [
        ("1", None, ["not at all", "nada"]),
        ("2", None, ["not very", "poco"]),
        ("3", None, ["somewhat", "algo"]),
        ("4", None, ["very", "muy"]),
        (".a", "Y", ["Don't know", "No sabe"]),
        (".b", "Y", ["Refused", "No responde"]),
    ]
    times = variable(root, "times")
    (limits,) = times.iter(_named("range"))
    assert (limits.get("min"), limits.get("max")) == ("1", "60")
    assert [e.text for e in times.findall(_named("universe"))] == ["victim in 1", "victim en 1"]
    assert variable(root, "weight").get("wgt") == "wgt"
    assert variable(root, "interview_date").get("temporal") == "Y"
    assert variable(root, "municipality").get("geog") == "Y"
    assert texts(variable(root, "victim"), "security")[0].startswith("sensitive")
    assert texts(variable(root, "victim_pp"), "derivation/drvdesc") == [
        "any of victim; at least 1 observed; times 100"
    ]
    # text has no extended missing values: the companion lists the kinds
    assert [c.get("missing") for c in variable(root, WORD).iter(_named("catgry"))] == [None, None]
    companion = variable(root, f"{WORD}__missing")
    assert texts(companion, "catgry/catValu") == [
        "dont_know", "refused", "not_applicable", "not_asked",
    ]  # fmt: skip
    languages = Counter(e.get(f"{XML}lang") for e in root.iter(_named("labl")))
    assert languages["en"] == languages["es"] > 0


def test_nobody_is_named_as_producer_but_the_authors_whom_the_study_declares(tiny):
    root = parsed(richer(tiny).clean)
    assert list(root.iter(_named("producer"))) == []
    told = read_study(demonstration.ROOT / "config" / "medellin")
    ddi.describe_document(root, told)
    assert [e.text for e in root.iter("producer")] == list(told.publication.authors_in("en"))
