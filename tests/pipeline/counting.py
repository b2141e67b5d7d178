"""Run one command of the package, count its writes, and die at a chosen one.

Started in the interpreter's place by the tests of interruption. A write is a flush to the disk or a
rename. With DIE_IN naming the command and DIE_AT a number, the whole process group is killed just
before that write, make included; otherwise the number of writes is left in COUNTS/<command>.
"""

import os
import pathlib
import runpy
import signal
import sys

COMMAND = sys.argv[3]
DIE_AT = int(os.environ.get("DIE_AT", "0")) if os.environ.get("DIE_IN") == COMMAND else 0
writes = 0


def counted(write):
    def call(*arguments, **options):
        global writes  # noqa: PLW0603 - the count is of the process
        writes += 1
        if writes == DIE_AT:
            os.killpg(os.getpgid(0), signal.SIGKILL)
        return write(*arguments, **options)

    return call


os.fsync = counted(os.fsync)
os.replace = counted(os.replace)
sys.path.insert(0, str(pathlib.Path.cwd()))
sys.argv = ["evaluation", *sys.argv[3:]]
try:
    runpy.run_module("evaluation", run_name="__main__", alter_sys=True)
finally:
    if os.environ.get("COUNTS"):
        (pathlib.Path(os.environ["COUNTS"]) / COMMAND).write_text(str(writes), encoding="utf-8")
