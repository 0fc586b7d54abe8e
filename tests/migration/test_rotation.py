"""Rotation of passwords, at moto and in a PostgreSQL server of their own."""

import pytest

from generator.ops.secret import Secrets

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def secretsmanager(aws):
    return aws("secretsmanager")


@pytest.fixture
def secrets(secretsmanager):
    return Secrets(secretsmanager)
