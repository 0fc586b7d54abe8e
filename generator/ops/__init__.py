"""The migration itself, as command and functions run it: they know AWS and PostgreSQL alone."""
