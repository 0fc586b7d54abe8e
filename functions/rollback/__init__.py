"""The function `rollback`: takes traffic back to the old side."""
