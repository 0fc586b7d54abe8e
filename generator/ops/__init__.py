"""The migration itself, shared by the command and the functions: AWS and PostgreSQL."""
