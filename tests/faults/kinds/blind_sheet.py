"""Files as cells, and a register of kinds, for the author who has not seen the reader."""

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from tests.faults.damage import Delivery, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How an office writes one file, and when its fieldwork began."""

    name: str
    encoding: str
    mark: str
    end: str
    point: str
    day: str
    start: datetime


BASELINE = Dialect(
    name="baseline.csv",
    encoding="utf-8",
    mark=",",
    end="\n",
    point=".",
    day="%Y-%m-%d",
    start=datetime(2021, 2, 15),
)
ENDLINE = Dialect(
    name="endline.csv",
    encoding="cp1252",
    mark=";",
    end="\r\n",
    point=",",
    day="%d/%m/%Y",
    start=datetime(2024, 10, 7),
)
FRAME = Dialect(
    name="municipalities.csv",
    encoding="utf-8",
    mark=",",
    end="\n",
    point=".",
    day="%Y-%m-%d",
    start=datetime(2021, 2, 15),
)
ROUNDS = (BASELINE, ENDLINE)
CODED = ("sexo", "educacion", "etnia", "confia_vecinos", "confia_policia", "victima")
DECIMALS = ("duracion", "ingreso", "peso")
MISSING = ("88", "98", "888888", "988888")
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


@dataclass(slots=True)
class Sheet:
    """A fresh copy of one delivered file as cells; the header is the first line."""

    delivery: Delivery
    dialect: Dialect
    table: list[list[str]]

    @classmethod
    def of(cls, delivery: Delivery, dialect: Dialect) -> "Sheet":
        text = io.StringIO(delivery.files[dialect.name].decode(dialect.encoding), newline="")
        return cls(delivery, dialect, list(csv.reader(text, delimiter=dialect.mark)))

    def at(self, column: str) -> int:
        return self.table[0].index(column)

    def answered(self) -> list[list[str]]:
        return [row for row in self.table[1:] if row[self.at("consent")] == "1"]

    def text(self, **writing: Any) -> str:
        target = io.StringIO(newline="")
        style = {"delimiter": self.dialect.mark, "lineterminator": self.dialect.end, **writing}
        csv.writer(target, **style).writerows(self.table)
        return target.getvalue()

    def cut(self, rows: list[list[str]]) -> "Sheet":
        return Sheet(self.delivery, self.dialect, rows)


Change = Callable[[Sheet, random.Random], Sheet | str | bytes | None]


@dataclass(frozen=True, slots=True)
class Register:
    """The kinds of one module, in the order in which they are written there."""

    kinds: list[Kind] = field(default_factory=list)

    def add(
        self,
        id_: str,
        words: str,
        change: Change,
        *dialects: Dialect,
        manifest: Literal["renewed", "as declared"] = "renewed",
    ) -> None:
        """Add a kind; a change that hands nothing back has worked on the cells of its sheet."""

        def apply(delivery: Delivery, rng: random.Random) -> Delivery:
            sheet = Sheet.of(delivery, rng.choice(dialects or ROUNDS))
            damaged = change(sheet, rng)
            if damaged is None or isinstance(damaged, Sheet):
                damaged = (damaged or sheet).text()
            data = damaged.encode(sheet.dialect.encoding) if isinstance(damaged, str) else damaged
            return Delivery(files={**delivery.files, sheet.dialect.name: data})

        self.kinds.append(
            Kind(
                id=id_,
                group=id_[:2],
                words=words[:1].upper() + words[1:],
                apply=apply,
                manifest=manifest,
            )
        )

    def happened(
        self,
        id_: str,
        *dialects: Dialect,
        manifest: Literal["renewed", "as declared"] = "renewed",
    ) -> Callable[[Change], Change]:
        """Add the function below as a kind, with its docstring as words."""

        def decorate(change: Change) -> Change:
            words = (change.__doc__ or "").rstrip(".")
            self.add(id_, words, change, *dialects, manifest=manifest)
            return change

        return decorate

    def cells(
        self,
        id_: str,
        words: str,
        columns: Sequence[str],
        new: Callable[[str, Dialect], str],
        *dialects: Dialect,
        share: Literal["all", "any"] = "any",
    ) -> None:
        """Add a change of single cells: of a whole column, or ("any") perhaps of a few rows."""

        def change(sheet: Sheet, rng: random.Random) -> None:
            at = sheet.at(rng.choice(columns))
            touched = [r for r in sheet.table[1:] if r[at] and new(r[at], sheet.dialect) != r[at]]
            if share == "any" and rng.random() < 0.7:
                touched = rng.sample(touched, min(len(touched), rng.randint(1, 30)))
            for row in touched:
                row[at] = new(row[at], sheet.dialect)

        self.add(id_, words, change, *dialects)


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "."))


def written(value: object, d: Dialect) -> str:
    return str(value).replace(".", d.point)


def inserted(sheet: Sheet, rng: random.Random, rows: Sequence[list[str]]) -> None:
    for row in rows:
        sheet.table.insert(rng.randint(1, len(sheet.table)), row)


def noted(sheet: Sheet, rng: random.Random, note: str) -> list[str]:
    """Give one row a note that needs quotes; notes are no part of the study."""
    row = rng.choice(sheet.answered())
    row[-1] = note.replace("|", sheet.dialect.mark)
    return row
