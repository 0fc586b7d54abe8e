"""Rotation of passwords, at moto and in a PostgreSQL server of their own."""

import json
import uuid

import psycopg
import pytest

from generator.errors import OperationError, RefusedError
from generator.ops.rotation import Rotation
from generator.ops.secret import EXCLUDED, Secret, Secrets

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def secretsmanager(aws):
    return aws("secretsmanager")


@pytest.fixture
def secrets(secretsmanager):
    return Secrets(secretsmanager)
