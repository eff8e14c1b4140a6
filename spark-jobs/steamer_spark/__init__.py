"""Steamer's similarity job for Spark, for shops that outgrow one machine.

docs/ARCHITECTURE.md defines the similarity.
"""
