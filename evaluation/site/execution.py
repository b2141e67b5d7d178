"""Execute a chapter of the book, and keep of it what does not differ between two runs."""

import ast
import atexit
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbclient.util import run_sync

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.storage import disk, program_files

CELL_SECONDS = 120
HERE = Path()
# what to do, by the error that stopped a cell
FIXES = {
    MemoryError.__name__: "out-of-memory",
    # the folder of a chapter holds nothing but what the book publishes
    FileNotFoundError.__name__: "chapter-sign",
}

# Names, history and count of cells of the notebook before are gone; imported modules stay.
NEW_SESSION = "get_ipython().reset(new_session=True)"
# What the kernel has loaded of the package: a chapter is made from it.
LOADED = "__import__('evaluation.storage.program_files', fromlist=['loaded']).loaded()"


def execute(path: Path, settings: dict[str, str]) -> Any:
    """Run a notebook from the repository's root.

    Parameters
    ----------
    path : Path
        Notebook without outputs.
    settings : dict of str to str
        Environment variables added for its kernel.

    Returns
    -------
    nbformat.NotebookNode
        The notebook with outputs.

    Raises
    ------
    ReportError
        Names the notebook, the cell and what it said.
    """
    (executed,) = execute_each([path], settings)
    return executed


def execute_each(
    paths: Sequence[Path], settings: dict[str, str], folder: Path = HERE
) -> Iterator[Any]:
    """Run notebooks one after another in one kernel, each in a session of its own.

    Half the time of a notebook is its kernel's start and the import of the package.

    Parameters
    ----------
    paths : sequence of Path
        Notebooks without outputs.
    settings : dict of str to str
        Environment variables added for their kernel.
    folder : Path
        In which they run.

    Yields
    ------
    nbformat.NotebookNode
        A notebook with outputs.

    Raises
    ------
    ReportError
        Names the notebook, the cell and what it said.
    """
    if not paths:
        return
    manager = AsyncKernelManager(kernel_name="python3")
    try:
        for path in paths:
            yield _executed(path, settings, manager, folder)
    finally:
        run_sync(manager.shutdown_kernel)(now=True)


def _executed(
    path: Path, settings: dict[str, str], manager: AsyncKernelManager, folder: Path
) -> Any:
    text = disk.read_text(path)
    _refuse_unnamed(path, json.loads(text)["cells"])
    notebook = nbformat.reads(text, as_version=4)
    # a cell that is not executed would keep what was stored
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    # the kernel of this environment, whatever kernels the user has installed elsewhere
    environment = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", **settings}
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=CELL_SECONDS,
        record_timing=False,
        # a busy machine sends one print in several pieces
        coalesce_streams=True,
        # the kernel listens on this machine only; its notice about that is not for readers
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    begun = notebook.cells[:1]
    client.on_notebook_start = partial(_begin_session, client)
    client.on_cell_execute = lambda cell, **_: begun.append(cell)
    try:
        client.execute(env=environment)
        program_files.add(run_sync(_loaded)(client))
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}".removesuffix(": ")
        fix = FIXES.get(error.ename, "fix-cell-make")
        raise _failed(path, begun[-1], "notebook-failed", fix, said) from None
    except TimeoutError as error:
        said = str(error).strip()
        raise _failed(path, begun[-1], "notebook-failed", "fix-cell-make", said) from None
    # of the kernel: it died, or did not begin
    except RuntimeError as error:
        # of one that did not begin nothing is left to clear away when this program ends
        atexit.unregister(client._cleanup_kernel)
        raise _failed(path, begun[-1], "kernel-ended", "stage-killed", str(error)) from None
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
    _refuse_warnings(path, notebook)
    return notebook


def _begin_session(client: NotebookClient, **_: Any) -> None:
    # the kernel takes what it is sent in turn: this before the first cell
    if client.kc is not None:
        client.kc.execute(NEW_SESSION, silent=True)


async def _loaded(client: NotebookClient) -> list[str]:
    asked: Any = client.kc
    reply = await asked.execute_interactive(
        "", silent=True, user_expressions={"names": LOADED}, timeout=CELL_SECONDS
    )
    shown = reply["content"]["user_expressions"]["names"]["data"]["text/plain"]
    found: list[str] = ast.literal_eval(shown)
    return found


def _refuse_unnamed(path: Path, cells: Sequence[dict[str, Any]]) -> None:
    """A cell without an id of its own gets a random one: other bytes each time."""
    seen: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        name = cell.get("id", "")
        if not name or name in seen:
            raise ReportError(
                message("cell-id-another.problem", name=name)
                if name
                else message("cell-no-id.problem"),
                where=f"{path.name}, cell {number}",
                fix=message("give-one-words.fix"),
            )
        seen.add(name)


def _failed(path: Path, cell: Any, problem: str, fix: str, said: str) -> ReportError:
    return ReportError.of(problem, fix, f"{path.name}, cell {cell.id}", said=said)


def _refuse_warnings(path: Path, notebook: Any) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise ReportError.of(
                    "cell-wrote-warning",
                    "fix-what-warns",
                    f"{path.name}, cell {cell.id}",
                    text=output.text.strip()[:200],
                )


def settled(notebook: Any, provenance: dict[str, str]) -> str:
    """Text of an executed notebook without anything that differs between two runs.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed notebook.
    provenance : dict
        Its plan and data hash are kept in the metadata: the book refuses a stale notebook.
    """
    kept = {name: provenance[name] for name in ("plan_hash", "data_hash")}
    specification = {"display_name": "Python 3", "language": "python", "name": "python3"}
    settled_notebook = nbformat.from_dict(
        {
            **notebook,
            "metadata": {"kernelspec": specification, "evaluation": kept},
            "cells": [_settled_cell(cell) for cell in notebook.cells],
        }
    )
    nbformat.validate(settled_notebook)
    text: str = nbformat.writes(settled_notebook)
    return text if text.endswith("\n") else text + "\n"


def _settled_cell(cell: Any) -> dict[str, Any]:
    tags = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
    return {**cell, "metadata": tags}
