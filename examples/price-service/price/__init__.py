"""What a bottle of wine should cost, as a REST service."""
