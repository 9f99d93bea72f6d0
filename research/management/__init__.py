"""The commands of what is handed over."""
