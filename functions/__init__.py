"""What runs in the Lambda containers: one folder, one image each."""
