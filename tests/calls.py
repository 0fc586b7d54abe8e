"""Which AWS services a function's code calls: read from its source, from its door on.

A definition is reached if one that was reached names it. A method is reached if its class was and
something reached mentions an attribute of its name, of whatever that is; so rather too much is
found than too little.
"""

import ast
from functools import cache

from conftest import ROOT

OWN = ("functions", "generator")
CLIENTS = {"client", "create_client"}
"""What makes a client: boto3's function, and the method of botocore's session."""
DEFINITIONS = (ast.ClassDef, ast.FunctionDef)


@cache
def module(name):
    """Return the tree of a module of ours, or `None`: there is none of that name."""
    path = ROOT.joinpath(*name.split("."))
    files = [each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()]
    return ast.parse(files[0].read_text(encoding="utf-8")) if files else None


@cache
def names(name):
    """Return what each name in a module stands for: a definition of it, or a module and a name."""
    found = {}
    for node in ast.walk(module(name)):
        match node:
            case ast.ImportFrom(module=source, names=imported, level=level):
                home = ".".join([*name.split(".")[:-1], *([source] if source else [])])
                home = home if level else source
                found |= {each.asname or each.name: (home, each.name) for each in imported}
    for node in module(name).body:
        match node:
            case ast.ClassDef() | ast.FunctionDef():
                found[node.name] = node
            case (
                ast.Assign(targets=[ast.Name(id=target)])
                | ast.AnnAssign(target=ast.Name(id=target))
            ):
                found[target] = node
    return found


class Reached:
    """What is reached from the door of a function, and the services that it makes clients of."""

    def __init__(self, door):
        self.services = set()
        self._seen, self._classes, self._mentioned = set(), {}, set()
        # What stands beside the definitions runs at the start.
        for node in module(door).body:
            if not isinstance(node, (*DEFINITIONS, ast.Import, ast.ImportFrom)):
                self._walk(door, node)
        self._name(door, "lambda_handler")

    def _name(self, home, name):
        """Follow *name* in the module *home* to what it stands for."""
        meant = names(home).get(name)
        if isinstance(meant, tuple):
            source, original = meant
            if source.split(".")[0] in OWN and module(f"{source}.{original}") is None:
                self._name(source, original)
        elif meant is not None and (home, name) not in self._seen:
            self._seen.add((home, name))
            if isinstance(meant, ast.ClassDef):
                self._reach(home, meant)
            else:
                self._walk(home, meant)

    def _reach(self, home, node):
        """Take in a class: what is not a method at once, its methods as they are mentioned."""
        self._classes[home, node.name] = {
            each.name: each for each in node.body if isinstance(each, ast.FunctionDef)
        }
        for each in (*node.bases, *node.decorator_list, *node.body):
            if not isinstance(each, ast.FunctionDef) or each.name.startswith("__"):
                self._walk(home, each)
        for name in list(self._mentioned):
            self._method(home, node.name, name)

    def _method(self, home, owner, name):
        node = self._classes[home, owner].get(name)
        if node is not None and (home, owner, name) not in self._seen:
            self._seen.add((home, owner, name))
            self._walk(home, node)

    def _walk(self, home, node):
        for each in ast.walk(node):
            match each:
                case ast.Call(func=ast.Attribute(attr=made), args=[given, *_]) if made in CLIENTS:
                    self.services.add(ast.literal_eval(given))
                case ast.Name(id=name):
                    self._name(home, name)
                case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                    self._mention(attribute)
                    self._of_module(home, name, attribute)
                case ast.Attribute(attr=attribute):
                    self._mention(attribute)

    def _of_module(self, home, name, attribute):
        meant = names(home).get(name)
        if isinstance(meant, tuple):
            source = ".".join(meant)
            if source.split(".")[0] in OWN and module(source) is not None:
                self._name(source, attribute)

    def _mention(self, attribute):
        if attribute not in self._mentioned:
            self._mentioned.add(attribute)
            for home, owner in list(self._classes):
                self._method(home, owner, attribute)
