"""tapgen: one blueprint in, plain Terraform out."""
