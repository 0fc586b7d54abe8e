"""The function `cutover`: moves the writer to Aurora, and back."""
