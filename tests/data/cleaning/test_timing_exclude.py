"""Event rules `drop` and `exclude` leave an event's interviews out, `none` and `flag` do not."""

import pytest


@pytest.mark.parametrize("rule", ["exclude", "drop", "flag", "none"])
def test_an_interview_in_an_event_leaves_by_the_events_rule(tiny, rule):
    left_out = rule in ("exclude", "drop")
    tiny.study = tiny.study.replace('rule = "flag"', f'rule = "{rule}"')
    tiny.endline[0]["fecha"] = "2025-01-24"
    tiny.write()
    tiny.run()
    assert ("endline.dta:1" not in set(tiny.panel()["row_key"])) == left_out
    flow = tiny.records("flow.csv")
    counted = flow[(flow["reason"] == "suspension") & (flow["n"] != "0")]
    expected = [["endline", "excluded", "treated", "1"]] if left_out else []
    assert counted[["round", "step", "arm", "n"]].to_numpy().tolist() == expected
