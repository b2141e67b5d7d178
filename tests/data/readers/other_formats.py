"""One file of the tiny study delivered in another format, with a manifest that says so."""

import hashlib
import re

from tests.fixtures.tiny import Tiny


def redeliver(tiny: Tiny, old: str, new: str, data: bytes, *, keys: str = "") -> None:
    """Put ``new`` in the place of the raw file ``old``; ``keys`` are further lines of its entry."""
    (tiny.raw / old).unlink()
    (tiny.raw / new).write_bytes(data)
    path = tiny.config / "manifest.toml"
    head, *entries = path.read_text(encoding="utf-8").split("[[file]]\n")
    changed = []
    for entry in entries:
        text = entry
        if f'path = "{old}"' in entry:
            text = text.replace(f'path = "{old}"', f'path = "{new}"')
            text = re.sub(r'format = "\w+"', f'format = "{new.rpartition(".")[2]}"', text)
            text = re.sub(r'sha256 = "\w+"', f'sha256 = "{hashlib.sha256(data).hexdigest()}"', text)
            text = re.sub(r"dialect = .*\n", "", text) + keys
        changed.append(text)
    path.write_text("[[file]]\n".join([head, *changed]), encoding="utf-8")
