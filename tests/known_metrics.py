"""The metrics that AWS publishes, and those of our functions, with the dimensions they come under.

An alarm on another name, or under another set of dimensions, waits for data for ever and says
nothing. Each namespace names where it is documented; ours is what `functions` and operations write.
"""

SOURCES = {
    "AWS/ApplicationELB": "Elastic Load Balancing user guide, CloudWatch metrics for your ALB",
    "AWS/CertificateManager": "AWS Certificate Manager user guide, supported CloudWatch metrics",
    "AWS/DMS": "AWS DMS user guide, monitoring AWS DMS tasks",
    "AWS/Lambda": "AWS Lambda developer guide, types of metrics for Lambda functions",
    "AWS/RDS": "Amazon Aurora user guide, CloudWatch metrics for Amazon Aurora",
    "AWS/Route53": "Route 53 developer guide, monitoring health checks using CloudWatch",
    "AWS/SQS": "Amazon SQS developer guide, available CloudWatch metrics",
    "AWS/VPN": "Site-to-Site VPN user guide, VPN metrics and dimensions",
    "AWS/WAFV2": "AWS WAF developer guide, AWS WAF metrics and dimensions",
    "Payment/Migration": "functions/payment and generator/ops, which write them into their logs",
}

BALANCER = {"LoadBalancer"}
TARGET = {"LoadBalancer", "TargetGroup"}
FUNCTION = {"FunctionName"}
ALIAS = {"FunctionName", "Resource"}
CLUSTER = {"DBClusterIdentifier"}
ROLE = {"DBClusterIdentifier", "Role"}
HOST = {"ReplicationInstanceIdentifier"}
TASK = {"ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"}
SIDE = {"Environment", "Side"}
OPERATIONS = {"Environment"}

KNOWN = {
    "AWS/ApplicationELB": {
        "ClientTLSNegotiationErrorCount": [BALANCER],
        "HTTPCode_ELB_5XX_Count": [BALANCER],
        "HTTPCode_Target_5XX_Count": [BALANCER, TARGET],
        "HealthyHostCount": [TARGET],
        # For a target group alone as well; never for the load balancer alone.
        "LambdaInternalError": [TARGET, {"TargetGroup"}],
        "LambdaUserError": [TARGET, {"TargetGroup"}],
        "RejectedConnectionCount": [BALANCER],
        "RequestCount": [BALANCER, TARGET],
        "TargetResponseTime": [BALANCER, TARGET],
    },
    "AWS/CertificateManager": {"DaysToExpiry": [{"CertificateArn"}]},
    "AWS/DMS": {
        "CDCChangesDiskTarget": [TASK],
        "CDCChangesMemoryTarget": [TASK],
        "CDCIncomingChanges": [TASK],
        "CDCLatencySource": [TASK],
        "CDCLatencyTarget": [TASK],
        "CDCThroughputRowsTarget": [TASK],
        "CPUUtilization": [HOST],
        "FreeStorageSpace": [HOST],
        "FreeableMemory": [HOST],
        "FullLoadThroughputRowsTarget": [TASK],
        "ValidationFailedOverallCount": [TASK],
        "ValidationPendingOverallCount": [TASK],
        "ValidationSuspendedOverallCount": [TASK],
    },
    "AWS/Lambda": {
        "ConcurrentExecutions": [FUNCTION, ALIAS],
        "DeadLetterErrors": [FUNCTION, ALIAS],
        "Duration": [FUNCTION, ALIAS],
        "Errors": [FUNCTION, ALIAS],
        "Invocations": [FUNCTION, ALIAS],
        # Warm executions belong to an alias or a version, never to the function as a whole.
        "ProvisionedConcurrencySpilloverInvocations": [ALIAS],
        "ProvisionedConcurrencyUtilization": [ALIAS],
        "Throttles": [FUNCTION, ALIAS],
    },
    "AWS/RDS": {
        "AuroraReplicaLagMaximum": [CLUSTER, ROLE],
        "CPUUtilization": [CLUSTER, ROLE],
        "CommitLatency": [CLUSTER, ROLE],
        "DBLoad": [CLUSTER, ROLE],
        "DatabaseConnections": [CLUSTER, ROLE],
        "Deadlocks": [CLUSTER, ROLE],
        # Aurora has no FreeStorageSpace: its volume grows, only an instance's own disk fills.
        "FreeLocalStorage": [CLUSTER, ROLE],
        "FreeableMemory": [CLUSTER, ROLE],
        "MaximumUsedTransactionIDs": [CLUSTER, ROLE],
        "OldestReplicationSlotLag": [CLUSTER, ROLE],
        "ReplicationSlotDiskUsage": [CLUSTER, ROLE],
        "TransactionLogsDiskUsage": [CLUSTER, ROLE],
        "VolumeBytesUsed": [CLUSTER],
    },
    "AWS/Route53": {"HealthCheckStatus": [{"HealthCheckId"}]},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": [{"QueueName"}]},
    "AWS/VPN": {"TunnelState": [{"VpnId"}, {"TunnelIpAddress"}]},
    "AWS/WAFV2": {"BlockedRequests": [{"Region", "Rule", "WebACL"}]},
    "Payment/Migration": {
        "DuplicateDetected": [SIDE],
        "Errors": [SIDE],
        "Fenced": [SIDE],
        "IdempotentReplay": [SIDE],
        "Latency": [SIDE],
        "PaymentsAccepted": [SIDE],
        "PaymentsFailed": [SIDE],
        "Probes": [OPERATIONS],
        "ProbesFailed": [OPERATIONS],
        "ReconciliationDeltaMinorUnits": [OPERATIONS],
        "ReplicaMarkerAgeSeconds": [OPERATIONS],
        "Requests": [SIDE],
        "RollbackDurationSeconds": [OPERATIONS],
        "RollbacksFailed": [OPERATIONS],
        "TrafficWeightAws": [OPERATIONS],
        "ValidationChecksFailed": [OPERATIONS],
        "ValidationChecksInconclusive": [OPERATIONS],
        "WritesToAurora": [SIDE],
        "WritesToOnprem": [SIDE],
    },
}

HIGH_RESOLUTION = {"Errors", "Fenced", "Latency", "Probes", "ProbesFailed", "Requests"}
"""Metrics of the payment API and the probe, kept by the second; alarms on others start at a minute.
"""


def is_known(namespace, name, dimensions):
    """Tell whether there is such a metric under exactly these dimensions."""
    return set(dimensions) in KNOWN.get(namespace, {}).get(name, [])
