"""A person's questions; staff's page of the answers."""
