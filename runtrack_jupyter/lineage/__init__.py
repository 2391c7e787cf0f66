"""Pure questions over records."""
