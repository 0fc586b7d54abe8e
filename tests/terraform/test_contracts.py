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
        parsed = hcl2.loads(text)
        module.text += text
        for kind, found in (
            ("variable", module.variables),
            ("output", module.outputs),
            ("module", module.calls),
        ):
            for block in parsed.get(kind, ()):
                found.update({name.strip('"'): body for name, body in block.items()})
    return module


def called(folder, call):
    """Return the module that *call*, in the root *folder*, is about."""
    return read((folder / call["source"].strip('"')).resolve())


def arguments(call):
    return {name for name in call if not name.startswith("__")} - META


@every_root
def test_call_passes_what_the_module_declares(folder):
    for name, call in read(folder).calls.items():
        module = called(folder, call)

        assert arguments(call) == set(module.variables), name


@every_root
def test_every_module_of_the_environment_is_called_by_one_root(folder):
    environment = folder.parts[1]
    calls = [
        name
        for pattern in FOLDERS.values()
        for name in read(ROOT / pattern.format(environment)).calls
    ]

    assert sorted(calls) == [module.name for module in MODULES if module.parts[1] == environment]


@every_root
def test_references_are_to_outputs_that_exist(folder):
    root = read(folder)
    outputs = {
        (name, output)
        for name, call in root.calls.items()
        for output in called(folder, call).outputs
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
