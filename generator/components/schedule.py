"""Schedules: functions that are called by the clock."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from generator.components.function import Functions
from generator.model.hcl import Identifier, Ref


class Schedule(NamedTuple):
    """A call of the function *function* every so many *minutes*, with *event*."""

    name: Identifier
    summary: str
    function: Identifier
    minutes: int
    event: Mapping[str, object]

    @property
    def rate(self) -> str:
        """How often, as EventBridge Scheduler says it."""
        return f"rate({self.minutes} minute{'s' if self.minutes > 1 else ''})"


class Scheduled(Functions):
    """A component whose functions are called by the clock, as `_schedules.tf.j2` renders it."""

    @property
    @abstractmethod
    def schedules(self) -> tuple[Schedule, ...]:
        """The calls, in the order in which they are written."""

    @property
    def scheduled_aliases(self) -> tuple[Ref, ...]:
        """What the clock calls, each once."""
        return self._each("aws_lambda_alias.{}.arn")

    @property
    def scheduled_queues(self) -> tuple[Ref, ...]:
        """Where calls go that could not be made."""
        return self._each("aws_sqs_queue.{}_dead_letters.arn")

    def _each(self, address: str) -> tuple[Ref, ...]:
        names = dict.fromkeys(schedule.function for schedule in self.schedules)
        return tuple(Ref(address.format(name)) for name in names)
