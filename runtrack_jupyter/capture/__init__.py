"""What a cell did and where it ran, as functions over plain data."""
