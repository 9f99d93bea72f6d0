"""Drawings: timed strokes, what is drawn from them, and uploads decoded under limits. Pillow is known here alone."""
