"""Top-level blocks of Terraform files, as text; `terraform fmt` puts their ends at the margin."""

import re
from pathlib import PurePosixPath

BLOCK = re.compile(r'^(\w+)((?: "[^"]+")*) \{\n.*?^\}\n', re.MULTILINE | re.DOTALL)


def without(texts, kinds):
    """Return *texts* without resources of the types *kinds* and without what refers to them.

    The second value is what went, by module and address. A reference from another module is an
    error: a call cannot lose an argument.
    """
    gone = {
        (_module(path), _address(block))
        for path, text in texts.items()
        for block in BLOCK.finditer(text)
        if block[1] == "resource" and block[2].split('"')[1] in kinds
    }
    while new := set(_referring(texts, gone)) - gone:
        gone |= new
    outputs = {
        address.removeprefix("output.") for _, address in gone if address.startswith("output")
    }
    for path, text in texts.items():
        if _module(path).startswith("envs/"):
            assert not outputs & set(re.findall(r"module\.\w+\.(\w+)", text)), path
    return {path: _cut(path, text, gone) for path, text in texts.items()}, gone


def _referring(texts, gone):
    """Yield the blocks that refer to one of *gone* in their own module."""
    for path, text in texts.items():
        names = [re.escape(address) for module, address in gone if module == _module(path)]
        refers = re.compile(rf"\b(?:{'|'.join(names)})\b") if names else None
        for block in BLOCK.finditer(text) if refers else ():
            if refers.search(block[0].split("\n", 1)[1]):
                yield _module(path), _address(block)


def _cut(path, text, gone):
    return BLOCK.sub(
        lambda block: "" if (_module(path), _address(block)) in gone else block[0], text
    )


def _module(path):
    return str(PurePosixPath(path).parent)


def _address(block):
    """Return a resource's address in its module; of another block, its kind and name."""
    labels = re.findall(r'"([^"]+)"', block[2])
    return ".".join(labels if block[1] == "resource" else [block[1], *labels])
