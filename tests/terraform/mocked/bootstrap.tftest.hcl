# The home of the state, in every environment.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

run "the_root_applies" {}

run "bootstrap" {
  command = plan

  module {
    source = "../../../modules/this/bootstrap"
  }

  override_resource {
    target          = aws_kms_key.state
    override_during = plan
    values          = { arn = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e" }
  }

  override_resource {
    target          = aws_s3_bucket.state
    override_during = plan
    values          = { arn = "arn:aws:s3:::mocked" }
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "A state that was overwritten by mistake could not be brought back."
  }

  assert {
    condition = alltrue([
      for block in [
        aws_s3_bucket_public_access_block.access_logs, aws_s3_bucket_public_access_block.state,
      ] :
      block.block_public_acls && block.block_public_policy &&
      block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "A state names everything that an attacker would look for."
  }

  assert {
    condition     = !strcontains(aws_s3_bucket_policy.state.policy, "\"Effect\":\"Allow\"")
    error_message = "The bucket's policy only takes away; who may is said by IAM."
  }

  assert {
    condition = alltrue([
      for repository in values(aws_ecr_repository.this) :
      repository.image_tag_mutability == "IMMUTABLE" &&
      repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete
    ])
    error_message = "An image that was scanned and deployed is to stay what it was."
  }
}
