"""A score for each patient, every night."""
