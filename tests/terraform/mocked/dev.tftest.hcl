# What developers do without.

mock_provider "aws" {
  source = "./tests"
}

variables {
  key_arn = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
}

run "dev" {
  assert {
    condition     = length(module.network.nat_gateway_ids) == 1
    error_message = "One way out is enough for developers, and costs a third."
  }

  assert {
    condition     = length(module.network.private_route_table_ids) == 1
    error_message = "Zones that share a NAT gateway share its route table."
  }
}

run "database" {
  module {
    source = "../../modules/dev/database"
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
    condition     = !aws_rds_cluster.this.deletion_protection && aws_rds_cluster.this.skip_final_snapshot
    error_message = "dev is made and destroyed at will."
  }
}
