"""A process that dies at a chosen moment of writing a tree: before, within and after each step.

Run in a fork, it counts the calls that change a file system and ends the process, without any
clean-up, at the one asked for.
"""

import builtins
import io
import os
import sys

STEPS = ("replace", "unlink", "mkdir", "rmdir")


class _Stream:
    """A file that counts what is written, and can die with half of it written."""

    def __init__(self, stream, moment):
        self._stream = stream
        self._moment = moment

    def write(self, data):
        self._moment()
        half = len(data) // 2
        self._stream.write(data[:half])
        self._stream.flush()
        self._moment()
        self._stream.write(data[half:])
        self._stream.flush()
        self._moment()
        return len(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()


def install(deadline):
    """End this process at moment number *deadline*; return the list that counts the moments."""
    moments = []

    def moment():
        moments.append(None)
        if len(moments) == deadline:
            os._exit(9)

    def counted(call):
        def step(*args, **kwargs):
            moment()
            result = call(*args, **kwargs)
            moment()
            return result

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    opened = io.open

    def open_(file, mode="r", *args, **kwargs):
        if not set(mode) & set("wa"):
            return opened(file, mode, *args, **kwargs)
        moment()
        return _Stream(opened(file, mode, *args, **kwargs), moment)

    io.open = builtins.open = open_
    return moments


def run(work, deadline):
    """Do *work* in a fork that dies at moment *deadline*; return how many moments it lived."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        moments = install(deadline)
        try:
            work()
            os.write(writer, str(len(moments)).encode())
        except BaseException as error:  # noqa: BLE001 - the fork must not return into pytest
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        count = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return int(count) if code == 0 else None
