"""Handing runs on, and taking them from others: everything that comes from outside is hostile until shown otherwise."""
