"""What modules ask of each other, without a provider: calls, variables and outputs agree."""

import re
from dataclasses import dataclass, field
from functools import cache

import hcl2
import pytest

from conftest import ROOT
from terraform.roots import ENVIRONMENTS, FOLDERS

MODULES = sorted(
    {path.parent for name in ENVIRONMENTS for path in (ROOT / "modules" / name).rglob("*.tf")}
)
ROOTS = [ROOT / pattern.format(name) for name in ENVIRONMENTS for pattern in FOLDERS.values()]
META = {"source", "providers"}
DECLARATION = re.compile(r'^(variable|output|module) "', re.MULTILINE)


def named(folder):
    return folder.relative_to(ROOT).as_posix()


every_module = pytest.mark.parametrize("folder", MODULES, ids=named)
every_root = pytest.mark.parametrize("folder", ROOTS, ids=named)


@dataclass
class Module:
    """The files of a folder: what they declare, by name in the order of the text, and the text."""

    text: str = ""
    variables: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    calls: dict = field(default_factory=dict)

    def used(self, pattern):
        """Return what *pattern* finds outside comments."""
        return set(re.findall(pattern, re.sub(r"^ *#.*$", "", self.text, flags=re.MULTILINE)))


@cache
def read(folder):
    """Read the module in *folder*."""
    module = Module()
    for path in sorted(folder.glob("*.tf")):
        if path.name.endswith("_override.tf"):
            continue
        text = path.read_text(encoding="utf-8")
        module.text += text
        # Files that hold resources alone say nothing here, and take a minute to parse.
        parsed = hcl2.loads(text) if DECLARATION.search(text) else {}
        for kind, found in (
            ("variable", module.variables),
            ("output", module.outputs),
            ("module", module.calls),
        ):
            for block in parsed.get(kind, ()):
                found.update({name.strip('"'): body for name, body in block.items()})
    return module


def source(root, call):
    """Return the folder of the module that *call*, in the folder *root*, is about."""
    return (root / call["source"].strip('"')).resolve()


def arguments(call):
    return {name for name in call if not name.startswith("__")} - META


@every_root
def test_call_passes_what_the_module_declares(folder):
    for name, call in read(folder).calls.items():
        module = read(source(folder, call))

        assert arguments(call) == set(module.variables), name


def test_every_module_is_called_once():
    calls = [source(root, call) for root in ROOTS for call in read(root).calls.values()]

    assert sorted(calls) == MODULES


@every_root
def test_references_are_to_outputs_that_exist(folder):
    root = read(folder)
    outputs = {
        (name, output)
        for name, call in root.calls.items()
        for output in read(source(folder, call)).outputs
    }

    assert root.used(r"\bmodule\.(\w+)\.(\w+)") <= outputs


@every_module
def test_variables_are_used_and_declared(folder):
    module = read(folder)

    assert module.used(r"\bvar\.(\w+)") == set(module.variables)


@pytest.mark.parametrize("kind", ["variables", "outputs"])
@every_module
def test_each_is_described_by_a_sentence_and_found_by_its_name(folder, kind):
    declared = getattr(read(folder), kind)

    assert list(declared) == sorted(declared)
    for body in declared.values():
        assert re.fullmatch(r'"[A-Z].*\."', body["description"])
