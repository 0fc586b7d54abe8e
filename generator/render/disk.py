"""Rendered files on disk: what differs, and writing it so that nothing is lost.

Every file is replaced in one step and only if it changed. Nothing is touched before all that is new
lies beside its target, so a full disk changes nothing. One render at a time works on a tree.
Fifty environments are thousands of files, so their paths are plain text: `Path` would take as much
time as the disk.
"""

import errno
import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from generator.errors import DiskError
from generator.render.manifest import coming_path, digest, known, manifest, manifest_path

Files = Mapping[str, str]
State = Literal["missing", "outdated", "orphaned", "edited", "foreign"]

_STAGED = ".tapgen-new"  # the ending of a file that a killed render was writing
_NOT_OURS = ".terraform"  # what Terraform downloads, large and never rendered


class Change(NamedTuple):
    """A file that is not what renders.

    It is *missing*; *outdated*, as an older render left it; *orphaned*, no longer rendered;
    *edited* by a person; or *foreign*, never written by tapgen.
    """

    path: str
    state: State


@dataclass(frozen=True, slots=True)
class Plan:
    """What writing one environment changes, with the files that are there and that render."""

    environment: str
    changes: tuple[Change, ...]
    old: Mapping[str, bytes] = field(repr=False)
    new: Mapping[str, bytes] = field(repr=False)
    interrupted: bool = False
    """A render was killed here, and has left files behind."""

    def of(self, *states: State) -> list[str]:
        """Return the paths that are in one of *states*."""
        return [change.path for change in self.changes if change.state in states]

    @property
    def replaced(self) -> list[str]:
        """Return the rendered files that differ from what is there."""
        return [change.path for change in self.changes if change.path in self.new]

    @property
    def removed(self) -> list[str]:
        """Return the files that no longer render."""
        return [c.path for c in self.changes if c.path not in self.new and c.state != "foreign"]


def plan(root: Path, environment: str, files: Files) -> Plan:
    """Compare *files* with what lies below *root*.

    Raises `DiskError` if a file cannot be read.
    """
    manifests = [_read(root, path(environment)) or b"" for path in (manifest_path, coming_path)]
    ours = known((text.decode(errors="replace") for text in manifests), environment)
    new = {path: text.encode() for path, text in files.items()}
    if new:
        new[manifest_path(environment)] = manifest(new).encode()
    elif manifests[0]:
        ours[manifest_path(environment)] = {digest(manifests[0])}
    old, changes = {}, []
    for path in sorted(new.keys() | ours.keys()):
        content = _read(root, path)
        if content is not None:
            old[path] = content
        digests = ours.get(path, set())
        if path == manifest_path(environment) and content is not None:
            digests = {digest(content)}  # a manifest is never worth keeping as it is
        state = _state(content, new.get(path), digests)
        if state is not None:
            changes.append(Change(path, state))
    strays = [
        Change(path, "foreign") for path in _strays(root, environment, new.keys() | ours.keys())
    ]
    interrupted = (root / coming_path(environment)).exists()
    return Plan(environment, tuple(sorted(changes + strays)), old, new, interrupted)


def write(root: Path, plans: list[Plan]) -> None:
    """Carry *plans* out below *root*, all or, if the new files find no room, nothing.

    Call it inside `alone`. Raises `DiskError` if a file cannot be written.
    """
    busy = [each for each in plans if each.replaced or each.removed or each.interrupted]
    staged: list[str] = []
    folders: list[str] = []
    try:
        for each in busy:
            _stage(root, each, staged, folders)
    except OSError as error:
        for path in staged:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(path)
        for folder in reversed(folders):
            os.rmdir(folder)
        raise _refusal(root, error, "written; nothing was changed") from error
    try:
        for each in busy:
            _commit(root, each)
    except OSError as error:
        raise _refusal(root, error, "replaced; mend that and render again") from error


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep every other render away from the tree below *root* meanwhile."""
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _refusal(root, error, "read") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def environments_on_disk(root: Path) -> list[str]:
    """Return the environments that tapgen wrote below *root*."""
    found = [*root.glob("envs/*/.tapgen.sha256"), *root.glob("envs/*/.tapgen.sha256.next")]
    return sorted({path.parent.name for path in found})


def _state(content: bytes | None, wanted: bytes | None, digests: set[str]) -> State | None:
    if content == wanted:
        return None
    if content is None:
        return "missing"
    if digest(content) in digests:
        return "outdated" if wanted is not None else "orphaned"
    return "edited" if digests else "foreign"


def _strays(
    root: Path, environment: str, expected: Mapping[str, object] | set[str]
) -> Iterator[str]:
    """Yield what Terraform would read in the environment's modules and tapgen did not write."""
    for path in _walk(f"{root}/modules/{environment}"):
        name = path[len(f"{root}/") :]
        if name.endswith((".tf", ".tf.json")) and name not in expected:
            yield name


def _stage(root: Path, each: Plan, staged: list[str], folders: list[str]) -> None:
    """Put all that is new beside its target; note what was made, for taking it back."""
    coming = root / coming_path(each.environment)
    if each.interrupted:
        for folder in ("modules", "envs"):
            for path in _walk(f"{root}/{folder}/{each.environment}"):
                if path.endswith(_STAGED):
                    os.unlink(path)
    else:
        staged.append(str(coming))
    made: set[str] = set()
    _make(str(coming.parent), made, folders)
    # First of all, so that a kill from here on leaves a sign, and the digests of what may follow;
    # appended, because what a killed render had replaced is known from here only.
    with coming.open("ab") as stream:
        stream.write(b"\n" + each.new.get(manifest_path(each.environment), b""))
    for name in each.replaced:
        target = f"{root}/{name}"
        _make(os.path.dirname(target), made, folders)
        staged.append(target + _STAGED)
        with open(target + _STAGED, "wb") as stream:
            stream.write(each.new[name])
    for name in each.removed:
        if not os.access((root / name).parent, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(root / name))


def _commit(root: Path, each: Plan) -> None:
    current = manifest_path(each.environment)
    for name in each.replaced:
        if name != current:
            os.replace(f"{root}/{name}{_STAGED}", f"{root}/{name}")
    for name in each.removed:
        if name != current:
            (root / name).unlink(missing_ok=True)
    # Last, so that until here both manifests together know every file.
    if current in each.new:
        if current in each.replaced:
            os.replace(f"{root}/{current}{_STAGED}", root / current)
    else:
        (root / current).unlink(missing_ok=True)
    (root / coming_path(each.environment)).unlink()
    for name in each.removed:
        _prune(root, (root / name).parent)


def _make(folder: str, there: set[str], made: list[str]) -> None:
    """Make *folder* and its parents, unless they are *there*; note those that were not."""
    if folder in there:
        return
    if not os.path.isdir(folder):
        if os.path.lexists(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
        _make(os.path.dirname(folder), there, made)
        os.mkdir(folder)
        made.append(folder)
    there.add(folder)


def _prune(root: Path, folder: Path) -> None:
    """Remove *folder* and its parents, below *root*, as far as they are empty."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _walk(folder: str) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != _NOT_OURS]
        yield from (f"{path}/{name}" for name in names)


def _read(root: Path, path: str) -> bytes | None:
    try:
        with open(f"{root}/{path}", "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refusal(root, error, "read") from error


def _refusal(root: Path, error: OSError, verb: str) -> DiskError:
    path = Path(error.filename) if error.filename else root
    shown = path.relative_to(root) if path != root and path.is_relative_to(root) else path
    name = str(shown).removesuffix(_STAGED)
    return DiskError(f"{name}: {error.strerror}; cannot be {verb}")
