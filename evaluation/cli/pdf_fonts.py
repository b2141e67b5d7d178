"""Letters of printed files: those that matplotlib brings, so that lines break alike everywhere."""

from base64 import b64encode
from pathlib import Path

import matplotlib as mpl

FOLDER = Path(mpl.get_data_path()) / "fonts" / "ttf"
SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"
FILES = (
    (SANS, "DejaVuSans.ttf", 400, "normal"),
    (SANS, "DejaVuSans-Bold.ttf", 700, "normal"),
    (SANS, "DejaVuSans-Oblique.ttf", 400, "italic"),
    (SANS, "DejaVuSans-BoldOblique.ttf", 700, "italic"),
    (MONO, "DejaVuSansMono.ttf", 400, "normal"),
    (MONO, "DejaVuSansMono-Bold.ttf", 700, "normal"),
)


def faces() -> str:
    """Style rules with the letters inside: Chromium waits for those, and not for files."""
    return "".join(_face(*entry) for entry in FILES)


def _face(family: str, name: str, weight: int, style: str) -> str:
    letters = b64encode((FOLDER / name).read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style};'
        f" src: url(data:font/ttf;base64,{letters}); }}\n"
    )
