# What staging has to share with prod, so that it can rehearse what prod will do.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

variables {
  key_arn = "arn:aws:kms:us-east-2:222222222222:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
}

run "staging" {
  assert {
    condition     = length(module.network.nat_gateway_ids) == 3
    error_message = "The loss of a zone is rehearsed here."
  }
}

run "database" {
  command = plan

  module {
    source = "../../modules/staging/database"
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
    error_message = "The rehearsal of a migration takes weeks; it is not lost to a slip."
  }

  assert {
    condition     = length(aws_rds_cluster_instance.reader) == 1
    error_message = "A failover needs an instance to fail over to."
  }
}
