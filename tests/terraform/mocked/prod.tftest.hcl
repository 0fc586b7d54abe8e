# The numbers that the owner asked for, and what protects payments.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

variables {
  key_arn = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
}

run "prod" {
  assert {
    condition     = length(module.network.nat_gateway_ids) == 3
    error_message = "Losing one zone would cut the others off."
  }

  assert {
    condition     = length(distinct(module.network.private_route_table_ids)) == 3
    error_message = "With a shared route table all zones leave through one NAT gateway."
  }
}

run "network" {
  module {
    source = "../../modules/prod/network"
  }

  variables {
    endpoint_client_security_group_ids = {}
    link_client_security_group_ids = {
      for client in ["compute", "migration", "rollback", "security", "validation"] : client => "sg-0123456789abcdef0"
    }
    logs_key_arn = var.key_arn
  }

  assert {
    condition     = aws_vpc.this.cidr_block == "10.0.0.0/16"
    error_message = "The range is the one that the old data centre routes to us."
  }

  assert {
    condition     = [for subnet in values(aws_subnet.public) : subnet.cidr_block] == ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
    error_message = "Public subnets have the ranges that were agreed on."
  }

  assert {
    condition     = [for subnet in values(aws_subnet.private) : subnet.cidr_block] == ["10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24"]
    error_message = "Private subnets have the ranges that were agreed on."
  }

  assert {
    condition = alltrue([
      for zone, route in aws_route.nat :
      route.nat_gateway_id == aws_nat_gateway.this[zone].id &&
      route.route_table_id == aws_route_table.private[zone].id
    ])
    error_message = "Each zone leaves through its own NAT gateway."
  }

  assert {
    condition     = aws_vpn_connection.this.preshared_key_storage == "SecretsManager"
    error_message = "The tunnels' keys would be in the state."
  }

  assert {
    condition = toset([
      for route in values(aws_route.on_premises) : route.route_table_id
    ]) == toset(values(aws_route_table.private)[*].id)
    error_message = "A zone without a route to the old data centre cannot write there."
  }

  assert {
    condition = alltrue([
      for association in values(aws_route53_resolver_rule_association.on_premises) :
      association.vpc_id == aws_vpc.this.id
    ])
    error_message = "Nobody in the VPC would know the names of the old data centre."
  }
}

run "database" {
  command = plan

  module {
    source = "../../modules/prod/database"
  }

  variables {
    client_security_group_ids = {}
    database_key_arn          = var.key_arn
    logs_key_arn              = var.key_arn
    private_subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
    secrets_key_arn           = var.key_arn
    vpc_id                    = "vpc-0123456789abcdef0"
  }

  assert {
    condition     = aws_rds_cluster.this.deletion_protection
    error_message = "One wrong call would delete the payments."
  }

  assert {
    condition     = aws_rds_cluster.this.final_snapshot_identifier != null
    error_message = "What is destroyed on purpose leaves a snapshot."
  }

  assert {
    condition     = aws_rds_cluster.this.backup_retention_period == 7
    error_message = "Any second of the last seven days can be restored."
  }

  assert {
    condition     = aws_rds_cluster_instance.writer.instance_class == "db.r6g.xlarge"
    error_message = "The writer is sized for every payment."
  }

  assert {
    condition     = [for reader in values(aws_rds_cluster_instance.reader) : reader.instance_class] == ["db.r6g.large", "db.r6g.large"]
    error_message = "Two readers stand by."
  }

  assert {
    condition = length(distinct(concat(
      [aws_rds_cluster_instance.writer.availability_zone],
      [for reader in values(aws_rds_cluster_instance.reader) : reader.availability_zone],
    ))) == 3
    error_message = "Instances in one zone fail together."
  }
}

run "load_balancer" {
  command = plan

  module {
    source = "../../modules/prod/load_balancer"
  }

  variables {
    payment_alias_arn     = "arn:aws:lambda:us-east-2:333333333333:function:payments-prod-payment:live"
    payment_function_name = "payments-prod-payment"
    public_subnet_ids     = ["subnet-a", "subnet-b", "subnet-c"]
    vpc_id                = "vpc-0123456789abcdef0"
    web_acl_arn           = "arn:aws:wafv2:us-east-2:333333333333:regional/webacl/payments-prod/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
  }

  assert {
    condition     = aws_lb.this.enable_deletion_protection
    error_message = "One wrong call would cut every client off."
  }

  assert {
    condition     = !aws_s3_bucket.logs.force_destroy
    error_message = "Logs that PCI DSS asks for would go with the bucket."
  }
}

run "routing" {
  command = plan

  module {
    source = "../../modules/prod/routing"
  }

  variables {
    load_balancer_dns_name = "payments-prod.us-east-2.elb.amazonaws.com"
    load_balancer_zone_id  = "Z3AADJGX6KTTL2"
  }

  assert {
    condition = (
      aws_route53_record.onprem.weighted_routing_policy[0].weight == 100 &&
      aws_route53_record.aws.weighted_routing_policy[0].weight == 0
    )
    error_message = "Before the first shift, the old data centre answers everybody."
  }

  assert {
    condition     = aws_route53_record.onprem.health_check_id == null && aws_route53_record.aws.health_check_id == null
    error_message = "With a health check on either side, DNS moves traffic by itself."
  }

  assert {
    condition     = !aws_route53_record.aws.alias[0].evaluate_target_health
    error_message = "A sick load balancer would give its share to the other side, or take all of it."
  }

  assert {
    condition     = aws_route53_record.onprem.ttl == 60
    error_message = "Both answers are to be forgotten after the same time."
  }
}

run "monitoring" {
  command = plan

  module {
    source = "../../modules/prod/monitoring"
  }

  variables {
    certificate_arn          = "arn:aws:acm:us-east-2:333333333333:certificate/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
    cluster_identifier       = "payments-prod"
    load_balancer_arn_suffix = "app/payments-prod/0123456789abcdef"
    notifications_key_arn    = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
    replication_instance     = "payments-prod"
    rollback_function_arn    = "arn:aws:lambda:us-east-2:333333333333:function:payments-prod-rollback:live"
    target_group_arn_suffix  = "targetgroup/payments-prod-aws/0123456789abcdef"
    vpn_connection_id        = "vpn-0123456789abcdef0"
  }

  assert {
    condition     = contains(aws_cloudwatch_composite_alarm.roll_back.alarm_actions, var.rollback_function_arn)
    error_message = "The alarm would ring, and traffic would stay on the side that fails."
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_composite_alarm.roll_back.alarm_rule, "replication")
    error_message = "A replication that is behind is no reason to move traffic."
  }

  assert {
    condition = one(aws_cloudwatch_composite_alarm.roll_back.actions_suppressor).alarm == (
      aws_cloudwatch_metric_alarm.fenced.alarm_name
    )
    error_message = "A cutover would be rolled back by its own fence."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.replication_marker.treat_missing_data == "breaching"
    error_message = "A marker that nobody writes any more would look like one that arrives."
  }
}
