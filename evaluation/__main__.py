"""Command line: ``evaluation <command> --study <study>``, or ``python -m evaluation``.

A command is a module of ``evaluation.cli``. Only the chosen one is imported, so a stage pays for
its own libraries and no others. ``commands.toml`` lists them. What a command returns is the text of
its one line.
"""

import argparse
import contextlib
import difflib
import errno
import importlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from evaluation import __version__, interruption
from evaluation.cli.stages import by_hand
from evaluation.errors import EvaluationError, StorageError
from evaluation.locale.messages import wording
from evaluation.locale.typed_commands import program
from evaluation.report.terminal import spoken, told
from evaluation.storage import disk_trouble, made_files, one_run, progress
from evaluation.storage.folders import (
    DEFAULT_STUDY,
    STAGES,
    STUDY_OPTION,
    UNASKED,
    Paths,
    add_common,
    announce,
    check_study,
    numbered,
)
from evaluation.storage.packaged import read_beside
from evaluation.storage.settings import SETTINGS

COMMANDS = read_beside(__file__, "commands.toml")
# The matrices here are small: more threads only wait for each other, and sums over threads differ
# in the last digit between machines. Read by the numeric libraries when a stage loads them.
THREADS = {name: value for name, value in SETTINGS.items() if name.endswith("_THREADS")}
# the package as pip knows it
DISTRIBUTION = "impact-evaluation"
# the parser's own, for what is no argument
MISTYPED = 2
# how the list is ordered: groups of commands, in the words of its reader
GROUPS = ("stage", "book", "new", "release", "keep")
# 128 and the number of the signal that a closed pipe, or Ctrl-C, sends
PIPE_CLOSED, INTERRUPTED = 141, 130
# how loaders and libraries say that there is no memory, beside the errors that are made for it
NO_ROOM = ("failed to map segment", "Failed to launch worker thread", "can't start new thread")


class Parser(argparse.ArgumentParser):
    """Takes whole names of options alone: `--base` is not `--baseline`. So do its subparsers."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings | {"allow_abbrev": False})


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str
        Command line without the program's name.

    Returns
    -------
    int
        Exit status: 0, 1 after a problem that the user can fix, or 2 where what was typed names no
        study, as the parser has it for an argument that is none.
    """
    for variable, value in THREADS.items():
        os.environ.setdefault(variable, value)
    sys.modules.setdefault(UNASKED, None)  # type: ignore[arg-type]
    if not arguments:
        _overview().print_help()
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        overview = _overview()
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        if near:
            overview.error(wording("command-near.text", spoken("en"), name=name, near=near[0]))
        overview.parse_args(arguments)
        return 1
    word, command = name.replace("-", "_"), COMMANDS[name]
    try:
        module = _module(name, asks_help={"-h", "--help"}.intersection(arguments[1:]) != set())
    except EvaluationError as error:
        return _stopped(name, error, spoken("en"))
    parser = Parser(
        f"{program()} {name}",
        description=command["help"],
        epilog=f"example:\n  {program()} {name} {command['example']}".rstrip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    says = "says" in command
    add_common(parser, language=spoken("en") if says else "en")
    # named for the command where a module holds several; most take no arguments of their own
    for function in (f"add_{word}_arguments", "add_arguments"):
        if hasattr(module, function):
            getattr(module, function)(parser)
            break
    options = parser.parse_args(arguments[1:])
    # elsewhere the option is the language of the book, and messages follow the variable
    language = options.language if says else spoken("en")
    run = getattr(module, f"run_{word}", None) or module.run
    try:
        begin = time.perf_counter()
        done = _run(name, run, options)
    except EvaluationError as error:
        return _stopped(name, error, language)
    if done:
        announce(name, done, time.perf_counter() - begin, language)
    return 0


def _stopped(name: str, error: EvaluationError, language: str) -> int:
    # what is wrong with the command itself is not named twice
    said = told(error, language).removeprefix(f"{name}: ")
    sys.stderr.write(f"{name} {wording('error.stopped', language)}: {said}\n")
    return MISTYPED if error.where == STUDY_OPTION else 1


def _module(name: str, *, asks_help: bool) -> ModuleType:
    """The module of a command; there may be no folder of studies, and few libraries."""
    command = COMMANDS[name]
    anywhere = asks_help or "anywhere" in command or Path("config").is_dir()
    if not anywhere:
        raise StorageError.of("no-repository", "no-repository", Path.cwd().name or "/", name=name)
    path = command.get("module", name.replace("-", "_"))
    try:
        return importlib.import_module(f"evaluation.cli.{path}")
    except ModuleNotFoundError as error:
        raise _lacking(name, error) from None


def _lacking(name: str, error: ModuleNotFoundError) -> Exception:
    """The error of a library that is not installed; of a module of the package, as it is."""
    library = error.name or ""
    if library.partition(".")[0] in ("", "evaluation"):
        return error
    return StorageError.of("library-missing", "library-missing", name, library=library)


def _run(
    name: str, run: Callable[[argparse.Namespace], str | None], options: argparse.Namespace
) -> str | None:
    """Run a command alone where it writes; what is asked of it must be there, memory too."""
    command = COMMANDS[name]
    if "study" in command or ("anywhere" not in command and options.study != DEFAULT_STUDY):
        check_study(options.study)
    try:
        # a stage alone writes its files, and leaves a list of them; both are named as it is
        with contextlib.ExitStack() as held:
            if "lock" in command:
                lock = command["lock"].format(language=options.language)
                held.enter_context(one_run.only_run(Paths.of(options).private, lock, name))
                held.enter_context(progress.shown(numbered(name)))
            if "list" in command:
                listed = command["list"].format(language=options.language)
                held.enter_context(made_files.recorded(Paths.of(options).build, listed))
                by_hand.note(Paths.of(options), name)
            return run(options)
    except EvaluationError:
        raise
    except ModuleNotFoundError as error:
        raise _lacking(name, error) from None
    except Exception as error:
        lacking = _of_machine(error, options.study)
        if lacking is None:
            raise
        raise lacking from None


def _of_machine(error: Exception, study: str) -> StorageError | None:
    """What the machine lacks for a study, where that is why a command stopped."""
    if isinstance(error, OSError) and disk_trouble.is_of_disk(error):
        place = error.filename if isinstance(error.filename, str) else study
        return disk_trouble.refused(place, error)
    return _out_of_memory(study) if _is_of_memory(error) else None


def _is_of_memory(error: Exception) -> bool:
    """Whether memory is what lacked, in whatever way a library or its loader says so."""
    lacking = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or lacking or any(s in str(error) for s in NO_ROOM)


def _out_of_memory(study: str) -> StorageError:
    return StorageError.of("out-of-memory", "out-of-memory", study, rule="memory")


def _overview() -> argparse.ArgumentParser:
    language = spoken("en")
    lines = []
    for group in GROUPS:
        lines += ["", wording(f"command-group.{group}", language)]
        lines += [f"  {n:<15}{c['help']}" for n, c in COMMANDS.items() if c["group"] == group]
    parser = argparse.ArgumentParser(
        program(),
        description="stages, in order: " + ", ".join(STAGES),
        epilog="\n".join(lines[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("--version", action="version", version=f"{DISTRIBUTION} {__version__}")
    return parser


def piped(arguments: Sequence[str]) -> int:
    """Run one command whose reader may leave before the end, as ``| head`` does.

    Returns
    -------
    int
        That of :func:`main`; or 141, as a shell counts a program whose pipe was closed, and 130
        one that Ctrl-C ended.
    """
    interruption.heed()
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
