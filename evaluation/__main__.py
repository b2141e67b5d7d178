"""Command line: ``python -m evaluation <command> --study <study>``.

A command is a module of ``evaluation.cli``. Only the chosen one is imported, so a stage pays for
its own libraries and no others.
"""

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

from evaluation.errors import EvaluationError, StorageError
from evaluation.locale.messages import wording
from evaluation.report.terminal import LANGUAGES, SPEAKING, language_of, spoken, told
from evaluation.storage import one_run
from evaluation.storage.folders import SETTINGS, STAGES, UNASKED, Paths, add_common, check_study

COMMANDS = {
    "read": "check the delivered files against the manifest and read them as text",
    "clean": "apply corrections, check, clean, link rounds and construct outcomes",
    "estimate": "estimate what the plan promises",
    "robustness": "make the checks of the plan beside the estimates",
    "exhibits": "make tables, figures and numbers.json",
    "notebook": "execute one chapter of the book",
    "book": "build the book",
    "pdf": "print the book and its two-page brief",
    "audit": "search everything published for what identifies a person or a place",
    "calibrate": "say how often each inference step rejects a true null in this design",
    "power": "plan a next round: minimum detectable effects and power curves",
    "fieldwork": "check a round while it is in the field and write the day's report",
    "all": "all stages in order, for machines without Make",
    "demo-data": "make the demonstration data again",
    "new-study": "scaffold a study from its delivered files, or from its survey form",
    "lock": "write plan.lock for a plan that has none",
    "manifest": "draft manifest entries of delivered files, for a person to confirm",
    "dictionary": "draft the dictionary from a survey form, or take it to a workbook and back",
    "corrections": "take what the office must decide to a workbook, and its decisions back",
    "translations": "bring the book's translations up to its pages, or check them",
    "docs": "write the generated blocks of the README, or check them",
    "public-data": "make the de-identified release of the respondents' file",
    "publish": "copy a release to a folder",
    "verify": "compare the build with a published release",
    "compare": "say which numbers moved since a release, and what can have moved them",
    "reproduce": "build two clean clones and compare them byte for byte",
    "bench": "report times and memory of the stages",
    "doctor": "say what this machine has and lacks",
    "status": "say what is built and from what",
}


# Modules of ``evaluation.cli`` that are not called as their command; where one holds several, its
# functions bear their names: ``run_publish``, ``run_verify``.
MODULES = {
    **{name: f"stages.{name}" for name in STAGES},
    **dict.fromkeys(("all", "bench", "reproduce"), "whole_runs"),
    "manifest": "new_study",
    "status": "doctor",
    "verify": "publish",
}


# The matrices here are small: more threads only wait for each other, and sums over threads differ
# in the last digit between machines. Read by the numeric libraries when a stage loads them.
THREADS = {name: value for name, value in SETTINGS.items() if name.endswith("_THREADS")}
# 128 and the number of the signal that a closed pipe, or Ctrl-C, sends
PIPE_CLOSED, INTERRUPTED = 141, 130
# how loaders and libraries say that there is no memory, beside the errors that are made for it
NO_ROOM = ("failed to map segment", "Failed to launch worker thread", "can't start new thread")
# commands that nothing but a study's own folder can answer
OF_A_STUDY = (
    *("read", "clean", "estimate", "robustness", "exhibits", "notebook", "book", "pdf", "all"),
    *("calibrate", "power", "fieldwork", "lock", "corrections", "public-data", "status"),
)


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str
        Command line without the program's name.

    Returns
    -------
    int
        Exit status: 0, or 1 after a problem that the user can fix.
    """
    for variable, value in THREADS.items():
        os.environ.setdefault(variable, value)
    sys.modules.setdefault(UNASKED, None)  # type: ignore[arg-type]
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        _overview().parse_args(arguments)
        return 1
    word = name.replace("-", "_")
    module = importlib.import_module(f"evaluation.cli.{MODULES.get(name, word)}")
    parser = argparse.ArgumentParser(f"python -m evaluation {name}", description=COMMANDS[name])
    if name in SPEAKING:
        add_common(parser, languages=LANGUAGES, language=spoken("en"))
    else:
        add_common(parser)
    _function(module, "add_arguments", f"add_{word}_arguments")(parser)
    options = parser.parse_args(arguments[1:])
    try:
        _run(name, _function(module, "run", f"run_{word}"), options)
    except EvaluationError as error:
        # elsewhere the option is about the book
        asked = language_of(options.language)
        language = asked if name in SPEAKING else spoken(asked)
        sys.stderr.write(f"{name} {wording('error.stopped', language)}: {told(error, language)}\n")
        return 1
    return 0


def _function(module: ModuleType, alone: str, among_others: str) -> Callable[..., None]:
    """A command's function: named for the command where its module holds several."""
    found: Callable[..., None] = getattr(module, among_others, None) or getattr(module, alone)
    return found


def _run(
    name: str, command: Callable[[argparse.Namespace], None], options: argparse.Namespace
) -> None:
    """Run a command alone where it writes; what is asked of it must be there, memory too."""
    if name in OF_A_STUDY:
        check_study(options.study)
    lock = one_run.lock_of(name, options.language)
    try:
        if lock:
            with one_run.only_run(Paths.of(options).private, lock, name):
                command(options)
        else:
            command(options)
    except EvaluationError:
        raise
    except Exception as error:
        if not _is_of_memory(error):
            raise
        raise _out_of_memory(options.study) from None


def _is_of_memory(error: Exception) -> bool:
    """Whether memory is what lacked, in whatever way a library or its loader says so."""
    lacking = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or lacking or any(s in str(error) for s in NO_ROOM)


def _out_of_memory(study: str) -> StorageError:
    return StorageError.of("out-of-memory", "out-of-memory", study, rule="memory")


def _overview() -> argparse.ArgumentParser:
    lines = [f"  {name:<13}{text}" for name, text in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        "python -m evaluation",
        description="stages, in order: " + ", ".join(STAGES),
        epilog="commands:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    return parser


def piped(arguments: Sequence[str]) -> int:
    """Run one command whose reader may leave before the end, as ``| head`` does.

    Returns
    -------
    int
        That of :func:`main`; or 141, as a shell counts a program whose pipe was closed, and 130
        one that Ctrl-C ended.
    """
    try:
        try:
            return main(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more at its end, and would complain then
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return PIPE_CLOSED
    except Exception as error:
        # not even the libraries could be loaded
        if not _is_of_memory(error):
            raise
        sys.stderr.write(f"{told(_out_of_memory(' '.join(arguments[:1])), spoken('en'))}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{wording('interrupted.text', spoken('en'))}\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(piped(sys.argv[1:]))
