"""What no schema can say of a bundle's files: every name leads somewhere, every order holds."""
