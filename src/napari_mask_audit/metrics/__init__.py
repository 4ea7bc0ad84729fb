"""Scores, each read from a table of counts or of boundary elements and never from pixels."""
