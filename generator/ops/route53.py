"""The two weighted DNS records, one for each side, as Route 53 keeps and answers them."""

from typing import TYPE_CHECKING

from generator.errors import OperationError, RefusedError
from generator.ops.clock import Clock, poll
from generator.ops.inventory import Routing

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef

SIDES = ("aws", "onprem")

UNDIVIDED = {
    "AAAA": "clients with IPv6 would never see AWS: delete it, and wait until resolvers forget it",
    "CNAME": "replace it by an A record with the addresses that it leads to",
}
"""Types of records that a name must not have, and what to do with them."""

# Route 53 answers with a change within 60 s as a rule; twice that is a failure to tell people.
INSYNC_SECONDS = 120.0


class WeightedRecords:
    """Both records of one name; what one batch writes, both carry or neither does."""

    def __init__(self, client: "Route53Client", routing: Routing, clock: Clock) -> None:
        self._client = client
        self._routing = routing
        self._clock = clock

    def read(self) -> int:
        """Return the per cent of answers that name AWS."""
        records = self._records()
        aws, onprem = (records[side]["Weight"] for side in SIDES)
        # With both at 0 Route 53 answers with each equally often.
        return round(100 * aws / (aws + onprem)) if aws + onprem else 50

    def write(self, percent: int) -> None:
        """Answer *percent* with AWS: one change of both records, awaited and read back."""
        records = self._records()
        weights = {"aws": percent, "onprem": 100 - percent}
        changes: list[ChangeTypeDef] = [
            {"Action": "UPSERT", "ResourceRecordSet": {**records[side], "Weight": weights[side]}}
            for side in SIDES
        ]
        self._change(changes, f"AWS answers {percent} %")
        found = self._records()
        applied = {side: found[side]["Weight"] for side in SIDES}
        if applied != weights:
            raise OperationError(f"asked Route 53 for {weights}, it keeps {applied}")

    def adopt(self) -> None:
        """Put the weighted records, all on premises, in the place of the simple one.

        Raises `RefusedError` where the name has more than addresses of the old side.
        """
        self._refuse_undivided()
        simple = [each for each in self._listed() if "SetIdentifier" not in each]
        if not simple:
            self._records()
            return
        changes: list[ChangeTypeDef] = [
            {"Action": "DELETE", "ResourceRecordSet": simple[0]},
            {"Action": "CREATE", "ResourceRecordSet": self._old_side(simple[0])},
            {"Action": "CREATE", "ResourceRecordSet": self._new_side()},
        ]
        self._change(changes, "weights take the place of the simple record")
        if self.read() != 0:
            raise OperationError("Route 53 sends requests to AWS after the records were adopted")

    def _refuse_undivided(self) -> None:
        """Refuse what answers beside weighted addresses, or cannot stand beside them."""
        for each in self._named():
            if each["Type"] in UNDIVIDED:
                raise RefusedError(
                    f"{self._routing.record} has a record of type {each['Type']}, which weights "
                    f"would not divide; {UNDIVIDED[each['Type']]}"
                )
            if "AliasTarget" in each and "SetIdentifier" not in each:
                raise RefusedError(
                    f"{self._routing.record} is an alias of {each['AliasTarget']['DNSName']}; "
                    "write the addresses it leads to into the record first"
                )

    def _old_side(
        self, simple: "ResourceRecordSetOutputTypeDef"
    ) -> "ResourceRecordSetOutputTypeDef":
        # The addresses are those that answer today, whatever the blueprint was told.
        ttl = self._routing.ttl_seconds
        return {**simple, "SetIdentifier": "onprem", "Weight": 100, "TTL": ttl}

    def _new_side(self) -> "ResourceRecordSetOutputTypeDef":
        alias = self._routing.aws
        if alias is None:
            raise RefusedError("the description of the routing names no load balancer")
        return {
            "Name": self._routing.record,
            "Type": "A",
            "SetIdentifier": "aws",
            "Weight": 0,
            "AliasTarget": {
                "DNSName": alias.dns_name,
                "HostedZoneId": alias.zone_id,
                "EvaluateTargetHealth": False,
            },
        }

    def _change(self, changes: "list[ChangeTypeDef]", comment: str) -> None:
        answer = self._client.change_resource_record_sets(
            HostedZoneId=self._routing.zone_id,
            ChangeBatch={"Comment": f"tapgen: {comment}", "Changes": changes},
        )
        change = answer["ChangeInfo"]["Id"]
        poll(
            lambda: self._client.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC",
            self._clock,
            every=2,
            within=INSYNC_SECONDS,
            awaited=f"Route 53 has not reported change {change} as INSYNC",
        )

    def _records(self) -> "dict[str, ResourceRecordSetOutputTypeDef]":
        found = {each.get("SetIdentifier", ""): each for each in self._listed()}
        if missing := [side for side in SIDES if side not in found]:
            raise RefusedError(
                f"{self._routing.record} has no weighted record for {' and '.join(missing)}; "
                "adopt the DNS record and apply first"
            )
        return found

    def _listed(self) -> "list[ResourceRecordSetOutputTypeDef]":
        return [each for each in self._named() if each["Type"] == "A"]

    def _named(self) -> "list[ResourceRecordSetOutputTypeDef]":
        """Return every record of the name, of whatever type."""
        name = self._routing.record.rstrip(".").lower() + "."
        answer = self._client.list_resource_record_sets(
            HostedZoneId=self._routing.zone_id, StartRecordName=name
        )
        return [each for each in answer["ResourceRecordSets"] if each["Name"].lower() == name]
