"""The commands that run the product itself."""
