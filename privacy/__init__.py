"""My data, erasure, retention."""
