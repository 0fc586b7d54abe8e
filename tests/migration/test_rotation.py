"""Rotation of passwords, at moto and in real PostgreSQL servers."""

import json
import uuid
from dataclasses import replace

import psycopg
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from generator.errors import OperationError, RefusedError
from generator.ops import postgres
from generator.ops.rotation import Rotation
from generator.ops.secret import EXCLUDED, Secret, Secrets
from migration import faults
from postgres.fixtures import SECRET

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def client(aws):
    return aws("secretsmanager")


@pytest.fixture(params=["onprem", "aurora"])
def database(request, databases):
    return getattr(databases, request.param)


@pytest.fixture
def superuser(client, database):
    """Who may change passwords, as RDS keeps its secret: a name and a password alone."""
    name = {"onprem": "payment_operator", "aurora": "payments"}[database.server.name]
    value = json.dumps({"username": name, "password": SECRET})
    return client.create_secret(Name="master", SecretString=value)["ARN"]


@pytest.fixture
def user(database):
    """A user of this test alone: roles belong to a server, not to a database."""
    name = f"dms_{uuid.uuid4().hex[:8]}"
    group = "payment_replication"
    owner = {"onprem": "payment_operator", "aurora": "payments"}[database.server.name]
    with database.connect() as connection:
        connection.execute(f"grant {group} to {owner} with admin option")
    with database.connect(owner) as connection:
        connection.execute(f"create role {name} login password '{SECRET}' connection limit 7")
        connection.execute(f"grant {group} to {name}")
        connection.execute(f"alter role {name} set search_path = public, migration_control")
    return name


@pytest.fixture
def arn(client, database, superuser, user):
    target = database.target(user)
    secret = Secret(target.host, target.port, user, SECRET, target.database, masterarn=superuser)
    return client.create_secret(Name=user, SecretString=secret.document())["ARN"]


@pytest.fixture
def connect(database):
    """Connect as the function does: TLS, to the host's own name."""

    def to(secret):
        target = replace(database.target(secret.username), port=secret.port)
        return postgres.connect(target, lambda: secret.password)

    return to


@pytest.fixture
def rotate(client, arn, connect):
    """Take *steps* of one rotation, each by a function of its own."""
    enabled(client)

    def go(*steps, token=None):
        token = token or begin(client)
        for step in steps or STEPS:
            Rotation(Secrets(client), connect, arn, token).step(step)
        return token

    return go


@pytest.fixture
def connected(client, arn, connect):
    """Connect with what the secret holds now."""
    return lambda: connect(current(client, arn))


def enabled(client, *, answer=True):
    """Say that rotation is enabled, which moto allows only with a function to call."""
    faults.alter(client, "DescribeSecret", lambda parsed: parsed.update(RotationEnabled=answer))


def begin(client):
    """Return the token of a rotation that Secrets Manager began: a version without a value."""
    token = str(uuid.uuid4())

    def pending(parsed):
        parsed.setdefault("VersionIdsToStages", {}).setdefault(token, ["AWSPENDING"])

    faults.alter(client, "DescribeSecret", pending)
    return token


def current(client, arn):
    return Secrets(client).read(arn)


def test_two_users_take_turns_and_the_last_password_goes_on(client, arn, rotate, connect, user):
    first = current(client, arn)
    rotate()
    second = current(client, arn)
    rotate()
    third = current(client, arn)

    assert [each.username for each in (first, second, third)] == [user, f"{user}_clone", user]
    assert len({first.password, second.password, third.password}) == 3
    for secret in (second, third):
        connect(secret).close()
    with pytest.raises(psycopg.OperationalError):
        connect(first)


def test_the_clone_may_what_its_owner_may_and_is_what_it_is(client, arn, rotate, connect, user):
    rotate()
    with connect(current(client, arn)) as connection:
        connection.execute("select count(*) from public.payments")
        shown = connection.execute("show search_path").fetchone()

    assert shown == ("public, migration_control",)
    query = "select pg_has_role(%s, %s, 'usage'), rolconnlimit from pg_roles where rolname = %s"
    with connect(current(client, arn)) as connection:
        found = connection.execute(query, [f"{user}_clone", user, f"{user}_clone"]).fetchone()
    assert found == (True, 7)


def test_what_the_clone_makes_belongs_to_its_owner_too(rotate, connected, database, user):
    database.run(f"create schema dms authorization {user}")
    rotate()
    with connected() as connection:
        connection.execute("create table dms.status (id int)")
    rotate()
    with connected() as connection:
        connection.execute("alter table dms.status add column task text")

    assert database.rows("select tableowner from pg_tables where schemaname = 'dms'") == [(user,)]


def test_a_secret_that_nobody_has_written_yet_has_nothing_to_test(client, connect):
    empty = client.create_secret(Name="empty")["ARN"]
    enabled(client)

    Rotation(Secrets(client), connect, empty, begin(client)).step("testSecret")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        Rotation(Secrets(client), connect, empty, begin(client)).step("createSecret")


def test_a_password_has_no_character_that_is_read_otherwise(client, arn, rotate):
    for _ in range(5):
        rotate()
        assert not set(current(client, arn).password) & set(EXCLUDED)
    assert set(";:.+'\" ") <= set(EXCLUDED)


def test_every_step_can_be_repeated(client, arn, rotate, connect):
    token = rotate(*[step for step in STEPS for _ in range(3)])

    connect(current(client, arn)).close()
    rotate(*STEPS, token=token)


def test_a_lost_answer_does_no_harm(client, arn, rotate, connect):
    token = begin(client)
    for step in STEPS:
        operation = {"createSecret": "PutSecretValue", "finishSecret": "UpdateSecretVersionStage"}
        if step in operation:
            faults.lose_answer(client, operation[step])
            with pytest.raises(ConnectTimeoutError):
                rotate(step, token=token)
        rotate(step, token=token)

    connect(current(client, arn)).close()


def test_a_value_that_cannot_be_read_is_not_taken_for_missing(client, rotate):
    faults.refuse(client, "GetSecretValue", code="AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        rotate("createSecret")


def test_a_password_that_does_not_work_is_not_made_current(client, arn, rotate, database):
    token = rotate("createSecret", "setSecret")
    pending = Secrets(client).read(arn, stage="AWSPENDING", version=token)
    database.run(f"alter role {pending.username} password 'another'")

    with pytest.raises(psycopg.OperationalError):
        rotate("testSecret", token=token)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"host": "elsewhere"}, "names another server"),
        ({"port": 1}, "names another server"),
        ({"username": "payments"}, "not the turn of payments"),
    ],
)
def test_a_pending_version_of_somebody_else_is_not_set(client, arn, rotate, change, why):
    token = begin(client)
    forged = replace(current(client, arn), **change)
    client.put_secret_value(
        SecretId=arn, ClientRequestToken=token, SecretString=forged.document(),
        VersionStages=["AWSPENDING"],
    )  # fmt: skip

    with pytest.raises(RefusedError, match=why):
        rotate("setSecret", token=token)


def test_a_role_that_is_not_there_has_no_clone(rotate, database, user):
    token = rotate("createSecret")
    database.run(f"drop role {user}")

    with pytest.raises(OperationError, match=f"has no role {user}"):
        rotate("setSecret", token=token)


def test_the_clone_of_a_role_that_replicates_is_a_superusers_to_make(
    client, rotate, database, user
):
    database.run(f"alter role {user} replication")
    token = rotate("createSecret")
    with pytest.raises(OperationError, match=f"has to create {user}_clone once, like {user}"):
        rotate("setSecret", token=token)

    somebody = json.dumps({"username": "postgres", "password": "superuser"})
    client.put_secret_value(SecretId="master", SecretString=somebody)
    rotate(token=token)
    query = "select rolreplication from pg_roles where rolname = %s"
    assert database.rows(query, f"{user}_clone") == [(True,)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda parsed: parsed.update(RotationEnabled=False), "rotation is not enabled"),
        (lambda parsed: parsed.pop("VersionIdsToStages"), "has no version"),
        (
            lambda parsed: [each.clear() for each in parsed["VersionIdsToStages"].values()],
            "neither pending nor current",
        ),
    ],
)
def test_a_rotation_that_nobody_began_is_refused(client, rotate, change, why):
    token = begin(client)
    faults.alter(client, "DescribeSecret", change, last=True)

    with pytest.raises(RefusedError, match=why):
        rotate("createSecret", token=token)


def test_there_are_four_steps(rotate):
    with pytest.raises(RefusedError, match="deleteSecret is no step"):
        rotate("deleteSecret")


def test_a_secret_without_a_current_version_is_not_finished(client, rotate):
    token = rotate("createSecret")
    versions = {token: ["AWSPENDING"]}
    faults.alter(
        client,
        "DescribeSecret",
        lambda parsed: parsed.update(VersionIdsToStages=versions),
        last=True,
    )

    with pytest.raises(OperationError, match="no version is current"):
        rotate("finishSecret", token=token)


@pytest.mark.parametrize("text", ["not json: hunter2", '{"password": "hunter2"}'])
def test_no_password_is_told(client, text):
    arn = client.create_secret(Name="odd", SecretString=text)["ARN"]
    with pytest.raises(OperationError) as caught:
        Secrets(client).read(arn)

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Secret("host", 1, "user", "hunter2", "database"))
