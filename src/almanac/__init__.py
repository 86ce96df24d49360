"""Almanac: a public API over versioned corporate climate disclosures."""
