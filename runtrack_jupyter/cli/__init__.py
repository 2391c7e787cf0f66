"""The adapter to the terminal."""
