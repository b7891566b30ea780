"""Command-line client of agencies that work for a creditor with Credit Care."""
