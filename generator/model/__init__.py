"""What a blueprint is made of: YAML with positions, field types, components, and values as HCL."""
