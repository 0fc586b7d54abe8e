"""What a blueprint is made of: YAML with positions, field types, components, and values as HCL."""

import os

# Whatever else is installed has no business in the blueprint's validation; looking for plugins of
# pydantic among it would also cost every run 15 ms.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
