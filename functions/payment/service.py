"""One request in, one answer out, as the load balancer sends and takes them."""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from .api import Api
from .ledger import Ledger
from .outcome import Outcome
from .problems import Problem
from .requests import Event, admit


class Service:
    """The API behind its door: what is let in is answered, and every answer is told of."""

    def __init__(self, ledger: Ledger, outcome: Outcome) -> None:
        self.ledger = ledger
        self._api = Api(ledger, outcome)
        self._outcome = outcome

    def answer(self, event: Event, context: LambdaContext) -> dict[str, Any]:
        """Answer *event*; whatever a client sent, this is no exception."""
        start = time.perf_counter()
        self.ledger.begin()
        response = self._answer(event, context)
        milliseconds = (time.perf_counter() - start) * 1000
        self._outcome.tell(event["httpMethod"], event["path"], response["statusCode"], milliseconds)
        return response

    def close(self) -> None:
        """Let go of the databases."""
        self.ledger.close()

    def _answer(self, event: Event, context: LambdaContext) -> dict[str, Any]:
        try:
            admitted = admit(event)
        except Problem as problem:
            self._outcome.refused(problem)
            return problem.event(many="multiValueHeaders" in event)
        return self._api.resolver.resolve(admitted, context)
