"""Processes that call the API as Lambda's do: one request at a time, and killed when it suits."""

import multiprocessing
import os
import sys
import threading
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

# Forked: each has all of the parent's modules at once, as a warm function has.
_forked = multiprocessing.get_context("fork")
PATIENCE = 60


class Worker:
    """A process that makes calls of its own list, and reports each answer over a pipe."""

    def __init__(self, target, number, calls):
        self.target, self.number = target, number
        self.left = dict(enumerate(calls))
        self.process = self.pipe = None

    def start(self):
        self.pipe, mine = _forked.Pipe(duplex=False)
        calls = list(self.left.items())
        self.process = _forked.Process(target=_run, args=(self.target, calls, mine), daemon=True)
        self.process.start()
        mine.close()

    def kill(self):
        """Kill it wherever it is, and let another go on with what it has not reported."""
        self.end()
        self.start()

    def end(self):
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


class Fleet:
    """Workers, and the answers that they reported."""

    def __init__(self, workers):
        self.workers = workers
        self.answers = []

    def __iter__(self):
        """Yield the number of answers each time that there is one more; end with the last."""
        while busy := [worker for worker in self.workers if worker.left]:
            ready = wait([worker.pipe for worker in busy], timeout=PATIENCE)
            assert ready, "nobody answers any more"
            for worker in [each for each in busy if each.pipe in ready]:
                # Killed meanwhile by whom we yielded to: then this pipe is another.
                if not worker.pipe.poll():
                    continue
                index, answer = worker.pipe.recv()
                del worker.left[index]
                self.answers.append(answer)
                yield len(self.answers)


@contextmanager
def fleet(target, lists):
    """Start a process for each of *lists*; `target(calls)` yields an answer for each call."""
    workers = [Worker(target, number, calls) for number, calls in enumerate(lists)]
    for worker in workers:
        worker.start()
    try:
        yield Fleet(workers)
    finally:
        for worker in workers:
            worker.end()


def back_off():
    """Wait a little before asking again, as a client does that is told to."""
    threading.Event().wait(0.05)


def _run(target, calls, pipe):
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    for (index, _), answer in zip(calls, target([call for _, call in calls]), strict=True):
        pipe.send((index, answer))
    os._exit(0)
