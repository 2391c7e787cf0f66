"""The adapter to Jupyter Server."""
