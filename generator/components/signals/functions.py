"""Alarms on the Lambda functions."""

from collections.abc import Iterator

from generator.components.signals.alarm import Alarm
from generator.components.signals.watched import PAYMENT, Watched
from generator.model.hcl import Identifier


def alarms(of: Watched) -> Iterator[Alarm]:
    """Yield the alarms on every function that the environment has."""
    for name, asynchronous in of.functions.items():
        yield from _execution(of, name)
        if asynchronous:
            yield from _undelivered(of, name)
    if of.is_probed:
        yield Alarm(
            Identifier("probe"),
            "Nobody asks from outside whether AWS takes payments; a rollback may come too late.",
            {"probes": of.operations("Probes", "Sum")},
            ("<", 1),
            periods=3,
            missing="breaching",
        )
    if PAYMENT in of.functions:
        yield Alarm(
            Identifier("payment-cold-starts"),
            "Requests wait for the payment function to start: more come than it is warm for.",
            {"cold": of.live(PAYMENT, "ProvisionedConcurrencySpilloverInvocations")},
            (">", 0),
            periods=15,
            datapoints=5,
        )


def _execution(of: Watched, name: str) -> Iterator[Alarm]:
    served = name == PAYMENT
    yield Alarm(
        Identifier(f"{name}-errors"),
        f"The function {name} fails.",
        {"errors": of.function(name, "Errors", period=60 if served else 300)},
        (">=", 5 if served else 1),
    )
    yield Alarm(
        Identifier(f"{name}-throttles"),
        f"The function {name} is asked for more often than it may run at once.",
        {"throttles": of.function(name, "Throttles")},
        (">", 0),
        periods=5,
        datapoints=1 if served else 3,
    )


def _undelivered(of: Watched, name: str) -> Iterator[Alarm]:
    yield Alarm(
        Identifier(f"{name}-dead-letters"),
        f"What the function {name} could not do lies in its queue.",
        {"messages": of.dead_letters(name)},
        (">", 0),
    )
    yield Alarm(
        Identifier(f"{name}-lost-letters"),
        f"What the function {name} could not do did not even get into its queue.",
        {"lost": of.function(name, "DeadLetterErrors", period=300)},
        (">", 0),
    )
