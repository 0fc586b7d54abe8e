"""The blueprint's text as a tree of nodes.

The tree is built from parser events, not by PyYAML's constructor: that one keeps the last of two
equal keys, expands aliases without a limit, and reads `no`, `012` and `1:30` as YAML 1.1 did.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import yaml

from generator.errors import BlueprintError, Problem
from generator.model.node import Loc, Node, dotted
from generator.model.scalar import Scalar, plain
from generator.model.text import normal, objection, shown

MAX_BYTES = 1 << 20  # a real blueprint has a few hundred lines; 1 MiB is a mistake
MAX_NODES = 100_000  # after aliases are expanded
MAX_DEPTH = 32

_Value = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent


def read(path: Path, name: str) -> Node:
    """Read the YAML file at *path*, called *name* in messages.

    Raises `BlueprintError` with every problem of the text, the first only where the syntax ends it.
    """
    text = _text(path, name)
    builder = _Builder(name)
    try:
        # libyaml's parser: ten times as fast as the one in Python.
        root = builder.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise BlueprintError([Problem(name, *place, "", f"not YAML: {error.problem}")]) from error
    except yaml.reader.ReaderError as error:
        # libyaml counts in bytes, and gives the character by its number.
        line = text.encode()[: error.position].count(b"\n") + 1
        message = f"holds the control character U+{cast('int', error.character):04X}; remove it"
        raise BlueprintError([Problem(name, line, 1, "", message)]) from error
    if builder.problems:
        raise BlueprintError(builder.problems)
    return root


def _text(path: Path, name: str) -> str:
    try:
        if not path.is_file():
            state = "not a file" if path.exists() else "no such file"
            raise _whole(name, f"{state}; name the folder of the blueprint with --root")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _whole(name, f"cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise _whole(
            name, f"is larger than {MAX_BYTES >> 20} MiB; it should have some hundred lines"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problem = Problem(name, line, column, "", "not UTF-8; save the file as UTF-8")
        raise BlueprintError([problem]) from error


def _whole(name: str, message: str) -> BlueprintError:
    return BlueprintError([Problem(name, 0, 0, "", message)])


class _Builder:
    """Events to nodes; problems that leave the rest readable are collected."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def document(self, events: Iterator[yaml.Event]) -> Node:
        self._events = events
        next(events)  # the stream starts
        start = next(events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _whole(self.name, "is empty; see README.md for a first blueprint")
        root = self._node(next(events), (), start)
        next(events)  # the document ends
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._fatal(after, (), "a second document; keep one in the file")
        return root

    def _node(self, event: yaml.Event, path: Loc, place: yaml.Event) -> Node:
        """Build the value that *event* starts; *place* is where its key stands."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if len(path) > MAX_DEPTH:
            raise self._fatal(place, path, f"nested deeper than {MAX_DEPTH} levels")
        self._grow(1, event, path)
        return self._value(cast("_Value", event), path, *_place(place))

    def _value(self, event: _Value, path: Loc, line: int, column: int) -> Node:
        if event.anchor:
            self._anchors[event.anchor] = None  # an alias to itself finds this
        if event.tag is not None:
            self._note(event, path, f"has the tag {shown(event.tag)}; tags are not used here")
        match event:
            case yaml.MappingStartEvent():
                children = self._mapping(path)
                size = 1 + sum(child.size for child in children.values())
                node = Node(children, path, line, column, size)
            case yaml.SequenceStartEvent():
                items = self._sequence(path)
                node = Node(items, path, line, column, 1 + sum(item.size for item in items))
            case _:
                scalar = self._scalar(event, path)
                text = "" if scalar is None or isinstance(scalar, str) else event.value
                node = Node(scalar, path, line, column, text=text)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, path: Loc) -> dict[str, Node]:
        children: dict[str, Node] = {}
        first: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fatal(event, path, "a key that is not text")
            key = self._text(event, path)
            self._unambiguous(event, key, path)
            node = self._node(next(self._events), (*path, key), event)
            if key in children:
                message = f"given twice, first in line {first[key]}; keep one"
                self._note(event, (*path, key), message)
            else:
                children[key], first[key] = node, _place(event)[0]
        return children

    def _sequence(self, path: Loc) -> tuple[Node, ...]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), event))
        return tuple(items)

    def _scalar(self, event: yaml.ScalarEvent, path: Loc) -> Scalar:
        return self._unambiguous(event, self._text(event, path), path)

    def _text(self, event: yaml.ScalarEvent, path: Loc) -> str:
        text = normal(event.value)
        complaint = objection(text)
        if complaint is not None:
            self._note(event, path, complaint)
        return text

    def _unambiguous(self, event: yaml.ScalarEvent, text: str, path: Loc) -> Scalar:
        """Return *text* as the type that it has without quotes, if it has none around it."""
        try:
            return plain(text) if event.implicit[0] else text
        except ValueError as error:
            self._note(event, path, str(error))
            return text

    def _alias(self, event: yaml.AliasEvent, path: Loc) -> Node:
        target = self._anchors.get(event.anchor or "", ...)
        if target is ...:
            raise self._fatal(event, path, f"*{event.anchor} has no anchor before it")
        if target is None:
            raise self._fatal(event, path, f"*{event.anchor} refers to itself")
        self._grow(target.size, event, path)
        return target

    def _grow(self, size: int, event: yaml.Event, path: Loc) -> None:
        self._count += size
        if self._count > MAX_NODES:
            raise self._fatal(
                event, path, f"more than {MAX_NODES} values once aliases are expanded"
            )

    def _note(self, event: yaml.Event, path: Loc, message: str) -> None:
        self.problems.append(self._problem(event, path, message))

    def _fatal(self, event: yaml.Event, path: Loc, message: str) -> BlueprintError:
        return BlueprintError([*self.problems, self._problem(event, path, message)])

    def _problem(self, event: yaml.Event, path: Loc, message: str) -> Problem:
        return Problem(self.name, *_place(event), dotted(path), message)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = cast("yaml.Mark", event.start_mark)  # events from a text have one
    return mark.line + 1, mark.column + 1
