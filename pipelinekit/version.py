"""The version, in the one place that may be read without a look at the installed packages."""

VERSION = "0.1.0"
