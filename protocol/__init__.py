"""The declared study: pure data, read from a bundle of files and checked whole (no Django here)."""
