"""A deploy that ends only when the new version answers, and says so when it will not."""

import json
import runpy
from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from conftest import ROOT
from generator.errors import OperationError
from generator.ops.deploy import WARM_SECONDS, Deploy
from generator.ops.inventory import Inventory
from migration import faults
from migration.clocks import Clock

IMAGE = "sha256:" + "1" * 64
PAYMENT = "payments-prod-payment"
DESCRIBED = {
    "compute": {
        "payment_function": PAYMENT, "schema_function": "payments-prod-schema", "alias": "live",
        "image": IMAGE,
    },
    "validation": {"function": "payments-prod-validation"},
    "rollback": {
        "function": "payments-prod-rollback", "cutover_function": "payments-prod-cutover",
        "control_table": "table", "kill_switch": "switch",
    },
    "security": {"secrets": {}, "rotation_function": None},
}  # fmt: skip


class Lambda:
    """Aliases at version 7, of which the payment function's was 6 until some questions ago."""

    def __init__(self, *, questions=3, ends="READY", image=IMAGE):
        self.left = questions
        self.ends = ends
        self.image = image
        self.weights = {PAYMENT: {"6": 1.0}}

    def get_provisioned_concurrency_config(self, *, FunctionName, Qualifier):
        assert (FunctionName, Qualifier) == (PAYMENT, "live")
        self.left -= 1
        if self.left > 0:
            return {"Status": "IN_PROGRESS"}
        if self.ends == "READY":
            self.weights.pop(PAYMENT, None)
        return {"Status": self.ends, "StatusReason": "FUNCTION_ERROR_INIT_FAILURE"}

    def get_alias(self, *, FunctionName, Name):
        assert Name == "live"
        weights = self.weights.get(FunctionName)
        routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
        return {"FunctionVersion": "7"} | routing

    def get_function(self, *, FunctionName, Qualifier):
        assert (FunctionName, Qualifier) == (PAYMENT, "live")
        return {"Code": {"ImageUri": f"1.dkr.ecr.us-east-2.amazonaws.com/p/payment@{self.image}"}}


@pytest.fixture
def deploy(clock):
    def make(client, described=DESCRIBED):
        return Deploy(client, Inventory(described, "/payments/prod/describe"), clock)

    return make


def test_a_deploy_ends_when_no_other_version_answers(deploy, clock):
    said = deploy(Lambda()).settle()

    assert clock.slept > 0
    assert said == [
        f"payments-prod-{name}: version 7 answers"
        for name in ("payment", "schema", "validation", "rollback", "cutover")
    ]


def test_an_environment_that_migrates_nothing_has_fewer_functions(deploy):
    described = {"compute": {"payment_function": PAYMENT, "alias": "live", "image": IMAGE}}

    assert deploy(Lambda(), described).settle() == [f"{PAYMENT}: version 7 answers"]


def test_a_version_that_does_not_start_is_told_of_at_once_with_what_answers(deploy, clock):
    with pytest.raises(
        OperationError,
        match=r"payment: version 7 does not start, and version 6 answers: FUNCTION_ERROR_INIT",
    ):
        deploy(Lambda(ends="FAILED")).settle()
    assert clock.slept < WARM_SECONDS


def test_a_first_version_that_does_not_start_leaves_nobody(deploy):
    client = Lambda(ends="FAILED")
    client.weights.clear()

    with pytest.raises(OperationError, match="does not start, and nothing else answers"):
        deploy(client).settle()


def test_a_version_that_never_gets_warm_is_not_waited_for_for_ever(deploy, clock):
    with pytest.raises(OperationError, match=r"is not warm, and its old version answers: not with"):
        deploy(Lambda(questions=10**6)).settle()
    assert clock.slept >= WARM_SECONDS


def test_another_image_than_was_described_is_no_deploy(deploy):
    with pytest.raises(OperationError, match=r"answers with .*payment@sha256:2.*described with"):
        deploy(Lambda(image="sha256:" + "2" * 64)).settle()


def test_a_weight_that_somebody_gave_another_function_is_named(deploy):
    client = Lambda()
    client.weights["payments-prod-cutover"] = {"3": 0.5}

    with pytest.raises(OperationError, match="cutover: version 3 answers beside version 7"):
        deploy(client).settle()


def test_lambda_knows_what_it_is_asked():
    client = boto3.client("lambda", "us-east-2")
    live = {"FunctionName": PAYMENT, "Qualifier": "live"}
    image = {"Code": {"ImageUri": f"payment@{IMAGE}"}}
    described = {"compute": {"payment_function": PAYMENT, "alias": "live", "image": IMAGE}}
    with Stubber(client) as stub:
        alias = {"FunctionVersion": "7"}
        stub.add_response("get_provisioned_concurrency_config", {"Status": "READY"}, live)
        stub.add_response("get_alias", alias, {"FunctionName": PAYMENT, "Name": "live"})
        stub.add_response("get_function", image, live)
        stub.add_response("get_alias", alias, {"FunctionName": PAYMENT, "Name": "live"})

        Deploy(client, Inventory(described, "/"), Clock()).settle()


@pytest.fixture
def command(aws):
    """The program that waits, in an account where the API answers what it is told to."""
    main = runpy.run_path(str(ROOT / "scripts" / "deployed"))["main"]
    boto3.setup_default_session(region_name="us-east-2")

    def describe(documents, **answers):
        ssm = aws("ssm")
        for name, document in documents.items():
            ssm.put_parameter(
                Name=f"/payments/prod/describe/{name}", Value=json.dumps(document), Type="String"
            )
        for operation, answer in answers.items():
            faults.everywhere(
                f"before-call.lambda.{operation}",
                lambda found=answer, **_: (SimpleNamespace(status_code=200), found),
            )
        return main

    return describe


def test_the_program_says_what_answers(command, capsys):
    main = command(
        {"compute": DESCRIBED["compute"]},
        GetProvisionedConcurrencyConfig={"Status": "READY"},
        GetAlias={"FunctionVersion": "7"},
        GetFunction={"Code": {"ImageUri": f"payment@{IMAGE}"}},
    )

    assert main(["prod"]) == 0
    assert capsys.readouterr().out == (
        f"{PAYMENT}: version 7 answers\npayments-prod-schema: version 7 answers\n"
    )


def test_the_program_fails_with_one_clear_sentence(command, capsys):
    main = command({})

    assert (main(["prod"]), main([]), main(["nowhere"])) == (1, 2, 2)
    assert capsys.readouterr().err == (
        "scripts/deployed: /payments/prod/describe describes nothing; apply the environment first\n"
        + 2 * "scripts/deployed: name one of: dev, staging, prod\n"
    )
