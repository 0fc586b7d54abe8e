"""One run of the probe: it asks again and again, and tells of every answer at once."""

import datetime as dt
from collections.abc import Callable

from generator.ops.clock import Clock

PAUSE = dt.timedelta(seconds=5)


def watch(
    ask: Callable[[int], str | None],
    tell: Callable[[str | None], None],
    clock: Clock,
    until: dt.datetime,
) -> int:
    """Ask turn by turn, `PAUSE` from begin to begin, and begin none behind *until*.

    Return how many answers told of something wrong.
    """
    failed, turn, due = 0, 0, clock.now()
    while True:
        wrong = ask(turn)
        tell(wrong)
        failed += wrong is not None
        # An answer that took longer than a pause makes no crowd of those behind it.
        turn, due = turn + 1, max(due + PAUSE, clock.now())
        if due >= until:
            return failed
        clock.sleep((due - clock.now()).total_seconds())
