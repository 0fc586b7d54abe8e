"""The policies of prod as they reach AWS, and how tests read them."""

import json
from fnmatch import fnmatchcase

from terraform.roots import BLUEPRINT

NAME = "prod"
PREFIX = "payments-prod"
ACCOUNT = BLUEPRINT.environments[NAME].account_id
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-boundary"


def of_type(resources, kind):
    """Return the values of the resources of a type, by their name in Terraform."""
    return {r["name"]: r["values"] for r in resources if r["type"] == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(text):
    """Return the statements of a policy."""
    return json.loads(text)["Statement"]


def statement(text, sid):
    (found,) = [each for each in statements(text) if each["Sid"] == sid]
    return found


def covers(statement, action):
    """Tell whether *statement* is about *action*."""
    return any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
