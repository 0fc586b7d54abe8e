"""The function `schema`, from two empty databases on."""

import json
from dataclasses import asdict

import boto3
import psycopg
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from functions.schema import handler, migrations
from functions.schema.migrations import Migration, known, migrate
from generator.errors import OperationError
from payment.conftest import TABLE, make_table

from .fixtures import SECRET, TABLES

REGION = "us-east-2"
PATH = "/payments/prod/describe"
MIGRATION = {
    "forward": {"arn": "arn", "id": "forward"}, "reverse": None, "reverse_replication": "none",
    "sequences_gap": 1000, "tables": [asdict(each) for each in TABLES],
}  # fmt: skip
NAMES = ("payment_source", "validation_source", "dms_source", "dms_target", "dms_reverse")


@pytest.fixture
def aws(monkeypatch, servers):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("DESCRIBE_PATH", PATH)
    monkeypatch.setenv("RDS_CA_FILE", str(servers["aurora"].ca))
    with mock_aws():
        yield


def secret(name, value=None):
    held = {"SecretString": json.dumps(value)} if value else {}
    return boto3.client("secretsmanager").create_secret(Name=name, **held)["ARN"]


def value(arn):
    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def say(component, document):
    boto3.client("ssm").put_parameter(
        Name=f"{PATH}/{component}", Type="String", Value=json.dumps(document), Overwrite=True
    )


@pytest.fixture
def aurora_only(aws, empty_databases):  # noqa: ARG001 - has to be there
    aurora = empty_databases.aurora
    say("database", {
        "endpoint": "localhost", "port": aurora.server.port, "database": aurora.name,
        "master_user_secret_arn": secret("master", {"username": "payments", "password": SECRET}),
    })  # fmt: skip
    return empty_databases


@pytest.fixture
def described(aurora_only):
    """Both databases empty, every secret without a value but the one that a person writes."""
    onprem = aurora_only.onprem
    say("on_premises", {
        "host": "localhost", "port": onprem.server.port, "database": onprem.name,
        "ca": onprem.server.ca.read_text(),
    })  # fmt: skip
    arns = {name: secret(name) for name in NAMES}
    arns["payment_source"] = secret("old", {"username": "payment_app", "password": SECRET})
    arns["operator_source"] = secret(
        "operator_source", {"username": "payment_operator", "password": SECRET}
    )
    say("security", {"secrets": arns})
    say("migration", MIGRATION)
    say("rollback", {"control_table": TABLE})
    make_table(boto3.client("dynamodb"))
    # Roles belong to the servers, which other tests share: as before the first apply, and back.
    aurora_only.onprem.run("alter role dms_source noreplication")
    yield aurora_only
    aurora_only.onprem.run("alter role dms_source replication")
    for database, roles in (
        (aurora_only.onprem, ("payment_validation", "dms_source")),
        (aurora_only.aurora, ("dms_target", "dms_reverse")),
    ):
        for role in roles:
            database.run(f"alter role {role} password '{SECRET}'")


def apply():
    return handler.lambda_handler({"action": "apply"}, LambdaContext())


def test_both_databases_begin_and_a_second_time_changes_nothing(described):
    first, second = apply(), apply()

    names = [migration.name for migration in known()]
    assert [(done["side"], done["migrations"]) for done in first["databases"]] == [
        ("aurora", names),
        ("onprem", names),
    ]
    assert [done["migrations"] for done in second["databases"]] == [[], []]
    who = "select side, epoch, open from migration_control.writer_epoch"
    assert described.aurora.rows(who) == [("aurora", 1, False)]
    assert described.onprem.rows(who) == [("onprem", 1, True)]
    assert first["control"] == second["control"]
    assert (first["control"]["writer"], first["control"]["version"]) == ("onprem", 1)


def test_secrets_without_a_value_get_one_that_opens_the_database(described):
    apply()

    for name, database in (
        ("validation_source", described.onprem),
        ("dms_source", described.onprem),
        ("dms_target", described.aurora),
        ("dms_reverse", described.aurora),
    ):
        held = value(name)
        assert set(held) == {
            "engine", "host", "port", "username", "password", "dbname", "ssl", "masterarn",
        }  # fmt: skip
        assert held["ssl"] is True
        with database.connect(held["username"], held["password"]) as connection:
            assert connection.execute("select count(*) from payments").fetchone() == (0,)


def test_secrets_with_a_value_keep_it(described):  # noqa: ARG001 - has to be there
    apply()
    before = {name: value(name) for name in NAMES if name != "payment_source"}
    apply()

    assert {name: value(name) for name in before} == before


def test_passwords_are_in_no_log_and_no_answer(described, capsys):
    result = apply()

    said = json.dumps(result) + capsys.readouterr().out
    for database, name in ((described.onprem, "dms_source"), (described.aurora, "dms_target")):
        password = value(name)["password"]
        assert password not in said
        assert password not in (database.server.folder / "log").read_text()


def test_the_password_of_the_old_application_is_not_ours_to_change(described):
    arns = {name: name for name in NAMES} | {"operator_source": "operator_source"}
    say("security", {"secrets": arns})  # its own secret has no value

    (_, onprem) = apply()["databases"]

    assert (
        "-- write the password of payment_app into the secret payment_source" in onprem["by_hand"]
    )
    described.onprem.connect("payment_app", SECRET).close()


def test_what_a_rotation_has_made_current_is_left_to_it(described):
    apply()
    held = value("dms_target") | {"username": "dms_target_clone"}
    boto3.client("secretsmanager").put_secret_value(
        SecretId="dms_target", SecretString=json.dumps(held | {"password": "another"})
    )
    apply()

    described.aurora.connect("dms_target", held["password"]).close()


def test_a_role_that_a_fence_has_shut_out_stays_out(described):
    described.onprem.run("alter role payment_app nologin")
    try:
        apply()
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            described.onprem.connect("payment_app")
    finally:
        described.onprem.run("alter role payment_app login")


def test_what_only_a_superuser_may_do_is_said_until_it_is_done(described):
    (_, before) = apply()["databases"]
    for statement in before["by_hand"]:
        described.onprem.run(statement)
    (_, after) = apply()["databases"]

    assert before["by_hand"] == ['alter role "dms_source" REPLICATION']
    assert after["by_hand"] == []


def test_a_password_that_only_a_superuser_may_set_is_said(described):
    described.onprem.run("alter role dms_source replication")

    (_, onprem) = apply()["databases"]

    (said,) = onprem["by_hand"]
    assert said == "-- give dms_source the password that the secret dms_source holds"


@pytest.mark.parametrize(("side", "user"), [("onprem", "dms_source"), ("aurora", "dms_target")])
def test_users_that_apply_fire_no_trigger_though_they_may_not_say_so(databases, side, user):
    with getattr(databases, side).connect(user) as connection:
        shown = connection.execute("show session_replication_role").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set session_replication_role = replica")

    assert shown == ("replica",)


@pytest.fixture
def strict(described):
    """An Aurora whose first user may not set session_replication_role either."""
    parameter = "set on parameter session_replication_role"
    described.aurora.run("alter role dms_target reset session_replication_role")
    described.aurora.run(f"revoke {parameter} from rds_superuser")
    yield described.aurora
    described.aurora.run(f"grant {parameter} to rds_superuser")
    described.aurora.run("alter role dms_target set session_replication_role to 'replica'")


def test_a_setting_that_nobody_here_may_make_is_said(strict):
    statement = 'alter role "dms_target" set "session_replication_role" to \'replica\''
    (aurora, _) = apply()["databases"]

    assert statement in aurora["by_hand"]
    strict.run("alter role dms_target set session_replication_role to 'replica'")
    (aurora, _) = apply()["databases"]
    assert not [each for each in aurora["by_hand"] if "dms_target" in each]


def test_a_setting_that_does_not_hold_at_login_is_said(described):
    apply()
    held = value("dms_target") | {"username": "dms_target_clone"}
    boto3.client("secretsmanager").put_secret_value(
        SecretId="dms_target", SecretString=json.dumps(held)
    )
    described.aurora.run(f"create role dms_target_clone login password '{held['password']}'")
    try:
        (aurora, _) = apply()["databases"]
    finally:
        described.aurora.run("drop role dms_target_clone")

    said = "-- dms_target_clone: session_replication_role is origin at login, not replica"
    assert said in aurora["by_hand"]


def test_a_login_that_does_not_work_is_said(described):  # noqa: ARG001 - has to be there
    apply()
    held = value("validation_source") | {"username": "nobody"}
    boto3.client("secretsmanager").put_secret_value(
        SecretId="validation_source", SecretString=json.dumps(held)
    )
    (_, onprem) = apply()["databases"]

    said = "-- nobody cannot log in with what the secret validation_source holds"
    assert said in onprem["by_hand"]


def test_a_user_that_may_not_read_changes_is_said(described):  # noqa: ARG001 - has to be there
    (aurora, _) = apply()["databases"]

    # RDS lets members of rds_replication; PostgreSQL asks for the attribute, which nobody inherits.
    (said,) = [each for each in aurora["by_hand"] if "dms_reverse" in each]
    assert said.startswith("-- dms_reverse: cannot read changes: must be superuser or replication")


def test_proving_that_changes_can_be_read_leaves_no_slot(described):
    apply()
    described.onprem.run("alter role dms_source replication")
    apply()

    assert described.onprem.rows("select count(*) from pg_replication_slots") == [(0,)]


def test_what_the_cluster_preloads_is_made_readable_on_aurora_alone(described):
    statement = 'create extension if not exists "pg_stat_statements"'
    (aurora, onprem) = apply()["databases"]
    described.aurora.run(statement)  # the first user of RDS may; here a superuser has to
    (again, _) = apply()["databases"]

    said = [statement in each["by_hand"] for each in (aurora, onprem, again)]
    assert said == [True, False, False]


def test_without_a_migration_aurora_takes_the_writes(aurora_only):
    result = apply()

    assert [done["side"] for done in result["databases"]] == ["aurora"]
    assert result["control"] is None
    assert aurora_only.aurora.rows("select open from migration_control.writer_epoch") == [(True,)]
    assert aurora_only.aurora.rows("select to_regnamespace('awsdms_control')") == [(None,)]


def test_the_one_secret_that_a_person_writes_is_asked_for(described):  # noqa: ARG001 - has to be there
    arns = {name: name for name in NAMES} | {"operator_source": secret("nothing")}
    say("security", {"secrets": arns})

    with pytest.raises(OperationError, match="operator_source is empty"):
        apply()


def test_an_environment_that_was_not_applied_is_named(aws):  # noqa: ARG001 - has to be there
    with pytest.raises(OperationError, match="describes nothing"):
        apply()


def test_another_action_is_refused():
    with pytest.raises(OperationError, match="apply"):
        handler.lambda_handler({"action": "drop"}, LambdaContext())


def test_an_applied_migration_must_not_be_edited(databases):
    with databases.onprem.connect() as connection:
        changed = [Migration(each.version, each.name, each.text + " ") for each in known()]

        with pytest.raises(OperationError, match="0001_payments was edited"):
            migrate(connection, changed)


def test_a_migration_that_fails_leaves_nothing_behind(databases):
    broken = Migration(9999, "9999_broken", "create table half (); select 1 / 0")
    with databases.onprem.connect() as connection, pytest.raises(psycopg.errors.DivisionByZero):
        migrate(connection, [broken])

    assert databases.onprem.rows("select to_regclass('half')") == [(None,)]
    assert databases.onprem.rows("select max(version) from migration_control.migrations") == [
        (known()[-1].version,)
    ]


def test_migrations_are_numbered_one_by_one():
    assert [each.version for each in known()] == list(range(1, len(known()) + 1))
    assert all(path.stem[4] == "_" for path in migrations.FOLDER.iterdir())


def test_no_column_of_the_schema_could_be_cut_or_rounded_on_its_way(databases):
    """Text without a length is a large object to DMS; a numeric without one becomes (28,6)."""
    columns = databases.onprem.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        " where table_schema in ('public', 'migration_control')"
        " and (data_type in ('text', 'bytea', 'json', 'jsonb', 'xml', 'ARRAY')"
        " or data_type = 'numeric' and numeric_precision is null"
        " or data_type = 'character varying' and character_maximum_length is null)"
    )
    keyless = databases.onprem.rows(
        "select relname from pg_class where relkind = 'r'"
        " and relnamespace in ('public'::regnamespace, 'migration_control'::regnamespace)"
        " and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)"
    )

    assert (columns, keyless) == ([], [])


def test_the_roles_of_iam_have_no_password(databases):
    found = databases.aurora.rows(
        "select rolname from pg_authid where rolpassword is null"
        " and pg_has_role(oid, 'rds_iam', 'member') and not rolsuper and rolcanlogin order by 1"
    )

    assert [name for (name,) in found] == ["payment_app", "payment_operator", "payment_validation"]
