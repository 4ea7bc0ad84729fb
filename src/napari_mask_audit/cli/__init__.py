"""The command line: parse, call one core function, show the result."""

from .app import main

__all__ = ["main"]
