"""The state engine: the namespace as components that can be fingerprinted, saved and brought back."""
