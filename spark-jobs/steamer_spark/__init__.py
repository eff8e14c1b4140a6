"""Steamer's similarity job for Spark: the definition of docs/ARCHITECTURE.md, for shops that outgrow one
machine."""
