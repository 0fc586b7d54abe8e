"""Many environments rendered by two processes: nothing that one needs depends on another."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from generator.errors import TapgenError

Files = dict[str, str]
Work = Callable[[str], Files]


def together(work: Work, names: Sequence[str]) -> dict[str, Files]:
    """Return what *work* makes of each of *names*, half of them made by a second process."""
    middle = len(names) // 2
    fork = get_context("fork")  # it begins with all that is loaded here
    receiver, sender = fork.Pipe(duplex=False)
    second = fork.Process(target=send, args=(sender, work, names[middle:]), daemon=True)
    second.start()
    sender.close()
    done = {name: work(name) for name in names[:middle]}
    with suppress(EOFError):
        done |= receiver.recv()
    second.join()
    # What it did not send is made here: then whatever is wrong with it is said here as well.
    return done | {name: work(name) for name in names if name not in done}


def send(sender: Connection, work: Work, names: Sequence[str]) -> None:
    """Send what *work* makes of each of *names*; nothing if one of them cannot be made."""
    with suppress(TapgenError):
        sender.send({name: work(name) for name in names})
