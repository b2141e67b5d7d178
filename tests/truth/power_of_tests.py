"""Make ``config/homicides/power_of_tests.toml``: a simulation of some minutes.

Run in the project's folder, with the study built there: ``python -m tests.truth.power_of_tests``.
"""

import hashlib
from pathlib import Path

from evaluation.analysis.panels import power_of_tests
from evaluation.analysis.panels.units import Units
from evaluation.cli.stages.estimate import read_panel_frames
from evaluation.config.declared import read_declared
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.storage import disk, folders

ROOT = Path(__file__).resolve().parents[2]
STUDY = "homicides"
FALLS = (0.0, 0.2, 0.25, 0.3, 0.4)
BLOCKS = 20
MODULES = (
    "analysis/panels/power_of_tests.py",
    "estimation/many_periods/poisson_inference.py",
    "estimation/many_periods/poisson_strata.py",
    "estimation/many_periods/poisson_units.py",
)
HEAD = """# Rejections at five percent in data sets with a fall in places drawn at random, by block.
# Made by `python -m tests.truth.power_of_tests`, remade every night, and never typed.
"""


def code() -> str:
    """Checksum of the modules that make the numbers."""
    whole = b"".join((ROOT / "evaluation" / name).read_bytes() for name in MODULES)
    return hashlib.sha256(whole).hexdigest()


def panel(folder: Path) -> tuple[UnitPanel, str]:
    """The counts of the primary comparison as built in a folder, and the checksum of the data."""
    clean, build = folder / "data_clean" / STUDY, folder / "build" / STUDY
    config = folder / "config" / STUDY
    paths = folders.Paths(config=config, raw=folder, clean=clean, build=build)
    study, _, promise = read_declared(config)
    units = Units(frames=read_panel_frames(paths), study=study, plan=promise.plan)
    primary = promise.plan.primary_specification()
    made = units.panel(primary, "homicides", rates=False)
    return made, str(disk.read_json(paths.build / "provenance.json")["data_hash"])


def main() -> None:
    made, data = panel(ROOT)
    lines = [HEAD + f'code = "{code()}"', f'data = "{data}"']
    lines += [f"permutations = {power_of_tests.PERMUTATIONS}", f"block = {power_of_tests.BLOCK}"]
    for fall in FALLS:
        found = [power_of_tests.rejections(made, fall, block) for block in range(BLOCKS)]
        coefficient, studentised = zip(*found, strict=True)
        lines += ["", "[[falls]]", f"fall = {fall}"]
        lines += [f"coefficient = {[*coefficient]}", f"studentised = {[*studentised]}"]
    target = ROOT / "config" / STUDY / "power_of_tests.toml"
    target.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
