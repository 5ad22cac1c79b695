"""A git-style mergeable state store for the Tractatus framework's session state."""

__version__ = "0.1.0"
