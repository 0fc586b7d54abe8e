"""prod and dev are applied to an AWS account that moto plays, looked over, and destroyed.

The tests of an environment share its account. The files run in the order of their names, and the
last one destroys it.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from terraform.account.limits import EXCLUDED
from terraform.account.played import Account
from terraform.blocks import without
from terraform.moto_server import serving
from terraform.roots import BLUEPRINT, FOLDERS, Tree


@pytest.fixture(
    scope="package",
    params=[
        pytest.param(name, marks=[pytest.mark.slow, pytest.mark.xdist_group(f"moto-{name}")])
        for name in EXCLUDED
    ],
)
def account(request, real, tmp_path_factory):
    """An account with both roots of an environment applied."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    tree = Tree(folder, name)
    texts, left_out = without(tree.texts(), EXCLUDED[name])
    tree.rewrite(texts)
    with serving(BLUEPRINT.environments[name].account_id, folder / "moto.log") as url:
        roots = {root: tree.open(root, real, AWS_ENDPOINT_URL=url) for root in FOLDERS}
        write_zone(tree, roots["bootstrap"])
        with ThreadPoolExecutor() as pool:  # they wait for moto most of the time
            list(pool.map(lambda root: root.apply(), roots.values()))
        yield Account(name, url, tree, roots, left_out)


def write_zone(tree, bootstrap):
    """Make the zone first, and write its id where the blueprint would have it from then on."""
    bootstrap.terraform("apply", "-auto-approve", "-target=module.bootstrap.aws_route53_zone.this")
    (zone,) = (r for r in bootstrap.resources() if r["type"] == "aws_route53_zone")
    example = BLUEPRINT.environments[tree.environment].components["routing"].zone_id
    tree.rewrite(
        {
            path: text.replace(example, zone["values"]["zone_id"])
            for path, text in tree.texts().items()
        }
    )
