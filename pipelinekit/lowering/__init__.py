"""Legalise, then print: pure functions from Plan to Plan that a backend names when its system lacks a thing."""
