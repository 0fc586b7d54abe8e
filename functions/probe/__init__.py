"""The function `probe`: asks from outside whether AWS would take payments."""
