"""What did not validate: it is there, but nobody may look into it."""

from typing import Any, NoReturn

from generator.model.rule import UnreadError


class Unread:
    """Stands where a part of the blueprint is wrong.

    That part is not missing, so no rule asks for it; and a rule that looks into it has nothing to
    say: whatever it would say followed from the mistake.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, _: str) -> Any:  # noqa: ANN401 - an attribute of any part
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __bool__(self) -> NoReturn:  # noqa: PLE0304 - it is neither
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UnreadError(self._path)
