"""The projects that `bench.py` renders: the repository's blueprint, with as many environments."""

import hashlib
import re
import shutil
from copy import deepcopy
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]


def project(root: Path, count: int | None = None) -> Path:
    """Make a folder with the repository's blueprint, with *count* environments if that is given."""
    blueprint = yaml.safe_load((ROOT / "blueprint.yaml").read_text(encoding="utf-8"))
    if count:
        beyond = blueprint["on_premises"]
        blueprint["environments"] = _environments(blueprint["environments"], beyond, count)
    root.mkdir()
    text = yaml.safe_dump(blueprint, sort_keys=False, allow_unicode=True)
    # Accounts that are no examples take no examples of images either.
    text = re.sub("sha256:[0-9a-f]{64}", f"sha256:{hashlib.sha256().hexdigest()}", text)
    (root / "blueprint.yaml").write_text(text, encoding="utf-8")
    return root


def _environments(ours: dict[str, Any], beyond: dict[str, Any], count: int) -> dict[str, Any]:
    """Repeat the environments in turn; each copy shares nothing with the others."""
    copies = islice(cycle(ours.values()), count - len(ours))
    return ours | {f"copy{n:02}": _copy(body, beyond, n) for n, body in enumerate(copies)}


def _copy(body: dict[str, Any], beyond: dict[str, Any], number: int) -> dict[str, Any]:
    """Return *body* with an account, a zone, ranges, and an old database of its own."""
    copy = deepcopy(body) | {"account_id": f"9{number:011}"}
    beyond = body.get("on_premises", beyond)
    database = beyond["database"] | {"host": f"db.copy{number:02}.example.com"}
    copy["on_premises"] = beyond | {"database": database}
    overrides = copy.setdefault("overrides", {})
    domain = f"copy{number:02}.example.com"
    home = {"hosted_zone": {"domain": domain}}
    overrides["bootstrap"] = overrides.get("bootstrap", {}) | home
    overrides["routing"] = overrides.get("routing", {}) | {"record": f"api.{domain}"}
    block = f"10.{number + 100}"
    overrides["network"] = overrides.get("network", {}) | {
        "cidr": f"{block}.0.0/16",
        "public_subnets": [f"{block}.{zone}.0/24" for zone in (1, 2, 3)],
        "private_subnets": [f"{block}.{zone}.0/24" for zone in (11, 12, 13)],
    }
    return copy


def empty(root: Path) -> None:
    """Leave only the blueprint in *root*."""
    for path in root.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "blueprint.yaml":
            path.unlink()
