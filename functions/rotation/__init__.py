"""The function `rotation`: gives database users new passwords."""
