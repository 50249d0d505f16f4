"""A dashboard of the progression of diabetes, by what was measured in the blood."""
