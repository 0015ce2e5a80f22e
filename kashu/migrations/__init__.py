"""The schema, step by step: numbered files, SQL inside."""
