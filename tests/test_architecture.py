"""ARCHITECTURE.md stays short and true: every module it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_it_is_one_page():
    assert len(TEXT.splitlines()) < 120


def test_every_module_it_names_exists():
    named = set(re.findall(r"`((?:[a-z]+/)*[a-z_0-9]+\.py)`", TEXT))
    there = [
        path.as_posix() for path in (*ROOT.glob("evaluation/**/*.py"), *ROOT.glob("tests/**/*.py"))
    ]
    assert len(named) > 20
    assert [name for name in named if not any(p.endswith(f"/{name}") for p in there)] == []


def test_it_names_every_room():
    rooms = {
        path.name for path in (ROOT / "evaluation").iterdir() if (path / "__init__.py").exists()
    }
    assert {room for room in rooms if f"| `{room}` |" not in TEXT} == set()
