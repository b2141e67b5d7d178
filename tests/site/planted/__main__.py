"""``python -m tests.site.planted``: plant every fault, keep what is found, write the page."""

import json

from tests.faults import page
from tests.site.planted import run, table

if __name__ == "__main__":
    found = json.dumps(run.all_found(), indent=1, ensure_ascii=False)
    table.RESULTS.write_text(f"{found}\n", encoding="utf-8", newline="\n")
    page.PAGE.write_text(page.stored(), encoding="utf-8", newline="\n")
