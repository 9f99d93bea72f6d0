"""Tags for every room's templates."""
