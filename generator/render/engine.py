"""Jinja as tapgen uses it: fixed flags, one door for values, errors that name template and line."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from traceback import walk_tb

import jinja2

from generator.errors import RenderError
from generator.model.hcl import Hcl, Identifier, attributes, comment, hcl
from generator.render.compiled import Compiled

TEMPLATES = Path(__file__).parents[2] / "templates"
_PRINTED = (Hcl, Identifier)


class Templates:
    """The templates below a folder."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        self._folder = folder
        self._compiled = Compiled(folder)
        self._jinja = jinja2.Environment(  # noqa: S701 - HCL, not HTML; `finalize` is the guard
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            finalize=_printable,
            bytecode_cache=self._compiled,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
        # Templates call no functions but filters; and every template would copy these.
        self._jinja.globals.clear()
        for function in (hcl, attributes, comment):
            self._jinja.filters[function.__name__] = _filter(function)
        self._below: dict[str, list[str]] = {}
        for path, _, names in os.walk(folder):
            below = Path(path).relative_to(folder).as_posix()
            found = sorted(name for name in names if name.endswith(".j2"))
            self._below[below] = [f"{below}/{name}" for name in found]

    def below(self, folder: str) -> list[str]:
        """Return the names of the templates directly in *folder*, sorted."""
        return self._below.get(folder, [])

    def keep(self) -> None:
        """Keep what was compiled for the next process."""
        self._compiled.keep()

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Render the template *name*; raise `RenderError` naming the line that cannot be."""
        try:
            return self._jinja.get_template(name).render(context)
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"templates/{error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateError as error:
            raise RenderError(f"templates/{self._place(name, error)}: {error.message}") from error

    def _place(self, name: str, error: jinja2.TemplateError) -> str:
        """Return the template and line where *error* arose, rendering the template *name*."""
        # Jinja rewrites the traceback so that frames carry the template's own file and line.
        frames = [(f.f_code.co_filename, line) for f, line in walk_tb(error.__traceback__)]
        inside = [(f, line) for f, line in frames if Path(f).is_relative_to(self._folder)]
        path, line = inside[-1] if inside else (self._folder / name, 1)
        return f"{Path(path).relative_to(self._folder).as_posix()}:{line}"


def _printable(value: object) -> object:
    if isinstance(value, _PRINTED):
        return value
    str(value)  # an undefined name says so itself
    raise jinja2.TemplateRuntimeError(
        f"a bare {type(value).__name__} cannot be printed; use hcl, attributes or comment"
    )


def _filter(function: Callable[..., Hcl]) -> Callable[..., Hcl]:
    # Taking the context keeps Jinja from computing constants while it compiles: compiled templates
    # are cached by their text alone, and would outlive a change of these functions.
    @jinja2.pass_context
    def door(_: object, value: object, *options: object) -> Hcl:
        try:
            return function(value, *options)
        except (TypeError, ValueError) as error:
            if isinstance(value, jinja2.Undefined):
                str(value)  # says itself what it is
            raise jinja2.TemplateRuntimeError(str(error)) from error

    return door
