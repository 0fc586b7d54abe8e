"""Windows of time, in UTC: the daily one for backups, the weekly one for maintenance."""

from typing import Annotated, NamedTuple

from generator.model.fields import matching

DAY = 24 * 60
WEEK = 7 * DAY
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = f"({'|'.join(_DAYS)})"

DailyWindow = Annotated[
    str, *matching(f"{_CLOCK}-{_CLOCK}", 'a daily window in UTC such as "03:00-04:00"')
]
WeeklyWindow = Annotated[
    str,
    *matching(
        f"{_DAY}:{_CLOCK}-{_DAY}:{_CLOCK}", 'a weekly window in UTC such as "sun:05:00-sun:06:00"'
    ),
]


class Window(NamedTuple):
    """A span on a circle of *round* minutes, which is a day or a week."""

    start: int
    minutes: int
    round: int

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Read a `DailyWindow` or a `WeeklyWindow`."""
        first, last = text.split("-")
        circle = DAY if first[0].isdigit() else WEEK
        start = _minute(first)
        return cls(start, (_minute(last) - start) % circle, circle)

    def meets(self, other: "Window") -> bool:
        """Tell whether the two share a minute on any day."""
        circle = min(self.round, other.round)
        return (other.start - self.start) % circle < self.minutes or (
            self.start - other.start
        ) % circle < other.minutes


def hour(start: int) -> Window:
    """Return the hour of every day that begins at *start*, 0 to 23."""
    return Window(start * 60, 60, DAY)


def _minute(text: str) -> int:
    """Return the minute of the day, or of the week, that *text* names."""
    *day, hours, minutes = text.split(":")
    passed = _DAYS.index(day[0]) * DAY if day else 0
    return passed + int(hours) * 60 + int(minutes)
