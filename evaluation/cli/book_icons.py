"""Icons drawn into the pages, in place of the theme's script that holds two thousand of them.

The script weighs more than everything else that a page loads. A page uses about ten icons, so each
``<i class="fa-solid fa-name">`` becomes the drawing itself and the script leaves the site.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from evaluation import io
from evaluation.errors import ReportError
from evaluation.locale.messages import message

SCRIPT = Path("_static/scripts/fontawesome.js")
LINK = re.compile(r'\s*<script[^>]*src="[^"]*/fontawesome\.js[^"]*"[^>]*></script>')
TAG = re.compile(r'<i (?P<attributes>[^>]*class="[^"]*\bfa-(?:solid|regular|brands) [^>]*)></i>')
CLASSES = re.compile(r'class="([^"]*)"')
TITLE = re.compile(r'\s*title="[^"]*"')
# The script registers one pack after another, each under its name.
PACKS = ("brands", "regular", "solid")
# Classes that are sizes or motions, not names of icons.
PLAIN = re.compile(r"fa-(solid|regular|brands|lg|sm|xs|xl|fw|spin|\d+x)")
Drawing = tuple[str, str, str]
FindDrawing = Callable[[str, str], Drawing | None]


def draw_icons(site: Path) -> None:
    """Put every icon's drawing into the pages, and take the script away.

    Parameters
    ----------
    site : Path
        Finished site.

    Raises
    ------
    ReportError
        A page asks for an icon that the script does not hold.
    """
    script = site / SCRIPT
    if not script.is_file():
        return
    packs = _packs(io.read_text(script))
    # every page asks for the same few, and the script is long to search
    drawing = cache(lambda icon, pack: _drawing(icon, packs[pack]))
    for page in sorted(site.rglob("*.html")):
        io.write_text(page, _with_drawings(page, drawing, page.relative_to(site).as_posix()))
    for leftover in script.parent.glob(f"{script.name}*"):
        leftover.unlink()


def _with_drawings(page: Path, drawing: FindDrawing, where: str) -> str:
    text = LINK.sub("", io.read_text(page))
    return TAG.sub(lambda tag: _drawn(tag["attributes"], drawing, where), text)


def _packs(script: str) -> dict[str, str]:
    """Text of each pack of icons, by its name."""
    found, rest = {}, script
    for pack in PACKS:
        found[pack], _, rest = rest.partition(f'("fa-{pack}",')
    return found


def _drawn(attributes: str, drawing: FindDrawing, where: str) -> str:
    classes = CLASSES.search(attributes)
    names = classes[1].split() if classes else []
    pack = next(name.removeprefix("fa-") for name in names if name.removeprefix("fa-") in PACKS)
    icon = next(
        (n.removeprefix("fa-") for n in names if n.startswith("fa-") and not PLAIN.fullmatch(n)), ""
    )
    found = drawing(icon, pack)
    if found is None:
        raise ReportError(
            message("no-icon.problem", pack=pack, icon=icon),
            where=where,
            mend=message("use-icon-theme.mend"),
        )
    width, height, path = found
    kept = CLASSES.sub(lambda match: f'class="evaluation-icon {match[1]}"', attributes)
    return (
        f'<svg {TITLE.sub("", kept)} aria-hidden="true" focusable="false"'
        f' viewBox="0 0 {width} {height}"><path fill="currentColor" d="{path}"></path></svg>'
    )


def _drawing(icon: str, pack: str) -> Drawing | None:
    """Width, height and outline of an icon, also by its older names."""
    shape = r'\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]'
    found = re.search(rf'(?<![\w-])"?{re.escape(icon)}"?:{shape}', pack)
    return (found[1], found[2], found[3]) if found else None
