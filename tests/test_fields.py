"""Types of settings against what they stand for."""

import re

import botocore.loaders
import pytest

from generator.model.regions import ELSEWHERE, REGIONS
from generator.schema import json_schema

PARTITIONS = botocore.loaders.Loader().load_data("partitions")["partitions"]


def regions(partition):
    return {name for name in partition["regions"] if not name.endswith("-global")}


def test_regions_are_those_of_the_partition_aws():
    assert next(regions(each) for each in PARTITIONS if each["id"] == "aws") == REGIONS


def test_regions_of_other_partitions_are_told_from_slips():
    others = {name for each in PARTITIONS if each["id"] != "aws" for name in regions(each)}

    assert others
    assert [name for name in others if not name.startswith(ELSEWHERE)] == []
    assert [name for name in REGIONS if name.startswith(ELSEWHERE)] == []


@pytest.mark.parametrize("tag", ["AWS:x", "rDs:x", "dms:x", "project", "ENVIRONMENT", "managedBy"])
def test_editors_know_the_tags_that_are_taken_in_any_case(tag):
    [pattern] = json_schema()["properties"]["tags"]["patternProperties"]

    assert not re.match(pattern, tag)
    assert re.match(pattern, f"my-{tag}")
