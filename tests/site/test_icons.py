"""Icons: drawn into the page from the theme's own script, which then leaves the site."""

from pathlib import Path

import pytest

from evaluation.errors import ReportError
from evaluation.site.building import SCRIPT, finish

# The form of the theme's script: three packs, each registered under its name after its icons.
PACKS = (
    'var p={x:[1,2,[],"f0","Mb"]};d("fab",p),d("fa-brands",p);'
    'var p={sun:[3,4,[],"f1","Mr"]};d("far",p),d("fa-regular",p);'
    'var p={sun:[512,510,[9728],"f185","Ms1z"],"angle-left":[256,512,[8249],"f104","Ma"]};'
    'd("fas",p),d("fa-solid",p);'
)
PAGE = (
    '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>'
    '<i class="theme-switch fa-solid fa-sun   fa-lg" data-mode="light" title="Light"></i>'
    '<i class="fa-regular fa-sun"></i><i class="other">x</i>'
)


def site(folder: Path, page: str) -> Path:
    script = folder / SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text(PACKS, encoding="utf-8")
    (script.parent / f"{SCRIPT.name}.LICENSE.txt").write_text("MIT", encoding="utf-8")
    (folder / "index.html").write_text(page, encoding="utf-8")
    return folder


def test_icons_are_drawings_of_their_pack_and_keep_their_attributes(tmp_path):
    finish(site(tmp_path, PAGE))
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert text == (
        '<svg class="evaluation-icon theme-switch fa-solid fa-sun   fa-lg" data-mode="light"'
        ' aria-hidden="true" focusable="false" viewBox="0 0 512 510">'
        '<path fill="currentColor" d="Ms1z"></path></svg>'
        '<svg class="evaluation-icon fa-regular fa-sun" aria-hidden="true" focusable="false"'
        ' viewBox="0 0 3 4"><path fill="currentColor" d="Mr"></path></svg><i class="other">x</i>'
    )
    assert list((tmp_path / SCRIPT).parent.iterdir()) == []


@pytest.mark.parametrize("name", ["moon", "left", "angle"])
def test_an_icon_that_is_not_there_stops_the_build(tmp_path, name):
    with pytest.raises(ReportError, match=f"no solid icon `{name}`") as caught:
        finish(site(tmp_path, f'<i class="fa-solid fa-{name}"></i>'))
    assert caught.value.where == "index.html"
