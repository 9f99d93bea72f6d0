"""The only writers of studies and people."""
