"""The codebook says what the dictionary enforces, and counts what was observed."""

import csv


def test_the_codebook_of_the_tiny_study(tiny):
    tiny.baseline[1]["t1"] = "88"
    tiny.write()
    tiny.run()
    with (tiny.clean / "codebook.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["name"]: row for row in csv.DictReader(handle)}
    trust = rows["trust"]
    # the polarity of the rounds differs, so each is named
    assert trust["allowed_en"] == (
        "baseline: 1 = very; 2 = somewhat; 3 = not very; 4 = not at all"
        " | endline: 1 = not at all; 2 = not very; 3 = somewhat; 4 = very"
    )
    assert trust["missing"] == (
        "baseline: dont_know 88, 888888; refused 98 | endline: dont_know .a; refused .b"
    )
    assert trust["observed"] == "baseline 23; endline 24"
    assert rows["help"]["allowed_es"] == "1 = en desacuerdo; 2 = ninguno; 3 = de acuerdo"
    assert rows["times"]["asked_if"] == "victim in 1"
    assert rows["times"]["allowed_en"] == "1 to 60"
    assert rows["population"]["sources"] == "frame: population"
    index = rows["trust_index"]
    assert index["kind"] == "outcome"
    assert index["observed"] == "panel 48"
    assert index["origin"] == "plan of tiny: index of trust, help; at least 1 observed"
    assert rows["victim_pp"]["origin"].endswith("times 100")
    assert list(rows)[-2:] == ["trust_index", "victim_pp"]
