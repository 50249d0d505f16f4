"""Engines that run emitted files for real, a package a system; each exports `conformance()`."""
