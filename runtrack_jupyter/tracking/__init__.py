"""The tracker, where capture, state and store meet."""
