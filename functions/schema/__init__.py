"""The function `schema`: brings both databases, their roles and the control state into being."""
