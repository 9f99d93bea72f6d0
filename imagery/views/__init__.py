"""A person's guided sessions, their pictures and drawings; staff's page of them."""
