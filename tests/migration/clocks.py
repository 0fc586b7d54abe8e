"""Clocks that tests turn by hand, or that hurry."""

import datetime as dt
import threading


class Clock:
    """Time that passes only while somebody sleeps; *slept* tells how long in all."""

    def __init__(self, start="2026-11-24T12:00:00"):
        self._now = dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC)
        self.slept = 0.0

    def now(self):
        return self._now

    def sleep(self, seconds):
        self._now += dt.timedelta(seconds=seconds)
        self.slept += seconds


class Hurried(Clock):
    """Time of its own, in which a second is short, though long enough for servers to work."""

    def sleep(self, seconds):
        threading.Event().wait(min(seconds, 0.05))
        super().sleep(seconds)
