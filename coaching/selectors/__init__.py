"""Questions about studies and people."""
