"""The function `validation`: whether both databases say the same."""
