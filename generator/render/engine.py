"""Jinja as tapgen uses it: fixed flags, one door for values, errors that name template and line."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import walk_tb

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache

from generator.errors import RenderError
from generator.model.hcl import Hcl, Identifier, attributes, comment, hcl

TEMPLATES = Path(__file__).parents[2] / "templates"


class Templates:
    """The templates below a folder."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        self._folder = folder
        self._jinja = jinja2.Environment(  # noqa: S701 - HCL, not HTML; `finalize` is the guard
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            finalize=_printable,
            bytecode_cache=_Compiled(),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
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

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Render the template *name*; raise `RenderError` naming the line that cannot be."""
        with self._located(name):
            return self._jinja.get_template(name).render(context)

    @contextmanager
    def _located(self, name: str) -> Iterator[None]:
        try:
            yield
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"templates/{error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateError as error:
            # Jinja rewrites the traceback so that frames carry the template's own file and line.
            frames = [(f.f_code.co_filename, line) for f, line in walk_tb(error.__traceback__)]
            inside = [(f, line) for f, line in frames if Path(f).is_relative_to(self._folder)]
            place, line = inside[-1] if inside else (self._folder / name, 1)
            shown = Path(place).relative_to(self._folder).as_posix()
            raise RenderError(f"templates/{shown}:{line}: {error.message}") from error


def _printable(value: object) -> object:
    if isinstance(value, Hcl | Identifier):
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
        if isinstance(value, jinja2.Undefined):
            str(value)
        try:
            return function(value, *options)
        except (TypeError, ValueError) as error:
            raise jinja2.TemplateRuntimeError(str(error)) from error

    return door


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates in the user's cache folder; where that cannot be written, none."""

    def __init__(self) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        folder = Path(home, "tapgen", f"jinja-{jinja2.__version__}")
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
