"""Runtrack: running is recording."""
