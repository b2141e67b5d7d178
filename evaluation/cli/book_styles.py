"""Style rules that no page of the site can use leave its style sheets.

The theme ships the whole of Bootstrap and one rule for each of two thousand icons. A rule stays if
every class that it asks for is written in some page, or anywhere in a script, which may set it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import tinycss2

from evaluation import io

SHEETS = "_static/styles/*.css"
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
ESCAPED = "\\"
WRITTEN = re.compile(r"[A-Za-z_][\w-]*")
CLASSES = re.compile(r'class="([^"]*)"')
NESTED = frozenset({"media", "supports"})


def purge(site: Path) -> None:
    """Take unused rules out of the theme's style sheets.

    Parameters
    ----------
    site : Path
        Finished site, its pages as they will stay.
    """
    used = _used(site)
    for sheet in sorted(site.glob(SHEETS)):
        rules = tinycss2.parse_stylesheet(io.read_text(sheet), skip_comments=False)
        io.write_text(sheet, purged(rules, used))


def _used(site: Path) -> frozenset[str]:
    pages = (io.read_text(page) for page in site.rglob("*.html"))
    named = {name for text in pages for found in CLASSES.findall(text) for name in found.split()}
    scripts = (io.read_text(script) for script in (site / "_static").rglob("*.js"))
    return frozenset(named.union(*(WRITTEN.findall(text) for text in scripts)))


def purged(rules: Iterable[tinycss2.ast.Node], used: frozenset[str]) -> str:
    """Text of the rules that can be used; rules in ``@media`` and ``@supports`` one by one."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept.append(_rule(rule, used))
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content:
            inside = purged(tinycss2.parse_rule_list(rule.content), used)
            prelude = tinycss2.serialize(rule.prelude)
            kept.append(f"@{rule.at_keyword}{prelude}{{{inside}}}" if inside.strip() else "")
        else:
            kept.append(rule.serialize())
    return "".join(kept)


def _rule(rule: tinycss2.ast.QualifiedRule, used: frozenset[str]) -> str:
    selectors = _parted(rule.prelude)
    left = [text for text in selectors if ESCAPED in text or set(CLASS.findall(text)) <= used]
    return f"{','.join(left)}{{{tinycss2.serialize(rule.content)}}}" if left else ""


def _parted(prelude: Iterable[tinycss2.ast.Node]) -> list[str]:
    """Selectors of a rule: parted at the commas that stand in no bracket."""
    parts: list[list[tinycss2.ast.Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]
