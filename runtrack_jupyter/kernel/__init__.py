"""The adapter to IPython and ipykernel."""
